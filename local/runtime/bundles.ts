/** The functions as they would be deployed: the bundles and triggers of an assembly, each function in
 * processes of its own. */
import { readAssembly } from '../assembly/assembly.ts'
import { type Deployment, readDeployment } from '../assembly/deployment.ts'
import { createFilter } from '../assembly/event-filter.ts'
import type { World } from '../assembly/facts.ts'
import type { FunctionPlan } from '../assembly/functions.ts'
import type { Credentials } from '../credentials.ts'
import type { Deployed } from '../deployed.ts'
import type { Lambda } from '../lambda.ts'
import { UserError } from '../user-error.ts'
import { type RuntimeApi, startRuntimeApi } from './api.ts'
import { environmentOf, type StandIns } from './environment.ts'
import { MAJOR, majorOf, type Node } from './node.ts'
import { createPool, type Pool, type PoolOptions } from './pool.ts'
import { startSandbox } from './sandbox.ts'

/** Processes of one function at the most. Lambda grows on; one machine would only get slower. */
const MOST = 8

type Options = {
  /** Folder of the assembly. */
  readonly assembly: string
  readonly world: World
  readonly node: Node
  readonly standIns: StandIns
  /** Address of `@connections`, with the stage left out. */
  readonly connections: string
  /** What a function signs its calls with. */
  readonly credentialsOf: (name: string) => Credentials
  readonly onDone?: (
    name: string,
    ...outcome: Parameters<NonNullable<PoolOptions['onDone']>>
  ) => void
}

/** @throws UserError naming what of the assembly can't be run here. */
export const deployBundles = async (options: Options): Promise<Deployed> => {
  const deployment = await read(options)
  const standIns = {
    ...options.standIns,
    addresses: new Map([
      ...options.standIns.addresses,
      [deployment.socketApi, options.connections],
    ]),
  }
  const api = await startRuntimeApi()
  const pools = Object.fromEntries(
    Object.entries(deployment.functions).map(([name, plan]) => [
      name,
      poolOf(plan, api, { ...options, standIns }),
    ]),
  )
  const invokeOf = (name: string): Lambda => {
    const pool = pools[name]
    if (pool === undefined) throw new Error(`no function ${name}`)
    return pool.invoke
  }
  const { socket, http, streams, sweep } = deployment
  return {
    socket: byRoute(mapped(socket, invokeOf)),
    http: mapped(http, invokeOf),
    readers: Object.fromEntries(
      streams.map(({ name, batch, patterns }) => [
        name.toLowerCase(),
        { invoke: invokeOf(name), batch, hears: createFilter(patterns) },
      ]),
    ),
    sweep: invokeOf(sweep),
    node: options.node,
    async close(): Promise<void> {
      await Promise.all(Object.values(pools).map((pool) => pool.close()))
      await api.close()
    },
  }
}

// ---------------------------------------------------------------------------------------------

const read = async ({ assembly, world }: Options): Promise<Deployment> => {
  try {
    return readDeployment(await readAssembly(assembly), world)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    throw new UserError(`The assembly in ${assembly} can't be run here: ${error.message}`)
  }
}

const poolOf = (plan: FunctionPlan, api: RuntimeApi, options: Options): Pool => {
  const { world, node, standIns, credentialsOf, onDone } = options
  const { name, arn, seconds, memory, bundle } = plan
  const credentials = credentialsOf(name)
  const program = {
    name,
    node: node.path,
    flags: flagsOf(node, memory),
    root: bundle,
    environment: (address: string) =>
      environmentOf(plan, credentials, { region: world.region, api: address, standIns }),
  }
  return createPool({
    name,
    arn,
    seconds,
    most: MOST,
    start: () => startSandbox(api, program),
    ...(onDone && { onDone: (...outcome) => onDone(name, ...outcome) }),
  })
}

/** The heap grows as far as Lambda lets it: nine tenths of the memory. */
const flagsOf = ({ version }: Node, memory: number): string[] => [
  `--max-old-space-size=${Math.floor(memory * 0.9)}`,
  // An older Node.js makes the SDK say that it is one, in each process anew.
  ...(majorOf(version) < MAJOR ? ['--no-warnings'] : []),
]

const mapped = <T, U>(
  record: Readonly<Record<string, T>>,
  to: (value: T) => U,
): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, to(value)]))

/** The WebSocket API has chosen the route by then; the event says which. */
const byRoute =
  (routes: Readonly<Record<string, Lambda>>): Lambda =>
  async (event) => {
    const { routeKey } = (event as { requestContext: { routeKey: string } }).requestContext
    const invoke = routes[routeKey]
    if (invoke === undefined) throw new Error(`no route ${routeKey}`)
    return invoke(event)
  }
