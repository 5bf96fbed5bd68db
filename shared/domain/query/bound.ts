/**
 * How far one query looks. What no index finds is looked for row by row, and the rows of a tenant may be a million: a query that
 * would go on is refused, with what to ask instead.
 */
import { Fault } from '../fault.ts'

/** Rows that one query looks at. */
export const MOST_ROWS = 10_000

export type Bound = {
  readonly most: number
  /** What the rows are, as the refusal names them. */
  readonly rows: string
  /** What to ask instead. */
  readonly advice: string
}

/** Rows up to the bound. @throws Fault QUERY_TOO_WIDE for the one behind it. */
export async function* upTo<T>(
  bound: Bound,
  found: AsyncIterable<T> | Iterable<T>,
): AsyncGenerator<T> {
  let looked = 0
  for await (const row of found) {
    if (++looked > bound.most) throw tooWide(bound)
    yield row
  }
}

export const tooWide = ({ most, rows, advice }: Bound): Fault =>
  new Fault('QUERY_TOO_WIDE', { most: most.toLocaleString('en'), rows, advice })
