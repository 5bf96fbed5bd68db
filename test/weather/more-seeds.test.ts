/** The rest of the twenty seeds that CI looks at; `weather.test.ts` has the first of them. */
import { FEW, holdUnder, seeds } from './seeds.ts'

holdUnder(seeds(FEW + 1, 20))
