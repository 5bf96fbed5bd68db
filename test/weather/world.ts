/**
 * A simulated deployment: several processes of the real service on one table, a clock that goes on when nothing
 * else can, and clients whose every call is written down. A scenario is what happens in it.
 */
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { parseEnv } from '../../shared/env.ts'
import { createCheckApp, createMainApp } from '../../shared/http/app.ts'
import { sweep } from '../../shared/jobs/sweep.ts'
import { createSocket } from '../../shared/live/socket.ts'
import { METHODS } from '../../shared/methods/index.ts'
import { createDispatch } from '../../shared/rpc/dispatch.ts'
import { createChecks, createOperating, createService } from '../../shared/service.ts'
import { CHEAP } from '../kit/costs.ts'
import { type Engine, TABLE } from './aws/engine.ts'
import { createCloud, type Process } from './aws/handler.ts'
import { createMeter } from './aws/meter.ts'
import { CALM, createWeather } from './aws/sky.ts'
import { createFacts } from './facts.ts'
import { createHistory, type Op } from './history.ts'
import { createClock } from './time/clock.ts'
import { job, quiet, within } from './time/patch.ts'
import { createRandom } from './time/random.ts'

const START = Date.UTC(2026, 10, 23)
const AWS_TIMEOUT_MS = 3000
/** What API Gateway waits for an answer. */
const GATEWAY_MS = 29_000
const SOCKET_ITEMS = {
  TableName: TABLE,
  ConsistentRead: true,
  FilterExpression: 'begins_with(pk, :connection) OR begins_with(sk, :session)',
  ExpressionAttributeValues: { ':connection': { S: 'C#' }, ':session': { S: 'SESSION#' } },
}
const JWKS = 'https://operator.example/jwks'

export type Setup = {
  readonly engine: Engine
  readonly operator: Operator
  readonly seed: string
  /** Physical partitions; null for a table that has grown. */
  readonly partitions?: number | null
  readonly processes?: number
  readonly variables?: Readonly<Record<string, string>>
}

/** The operator's identity provider: made once, outside of any simulation. */
export const createOperator = async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }] }
  const now = START / 1000
  const claims = { iss: 'https://operator.example', aud: 'keyharbor', sub: 'op' }
  const token = await new SignJWT({ ...claims, scope: 'tenants:read tenants:write' })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setIssuedAt(now)
    .setExpirationTime(now + 7200)
    .sign(privateKey)
  return { jwks, token }
}
export type Operator = Awaited<ReturnType<typeof createOperator>>

/** Simulates what a scenario does, to its end. */
export const simulate = async <T>(
  setup: Setup,
  run: (world: World) => Promise<T>,
): Promise<{ world: World; result: T }> => {
  await setup.engine.clear()
  const clock = createClock(START)
  const { fetch } = globalThis
  Object.assign(process.env, ENVIRONMENT)
  globalThis.fetch = async () => Response.json(setup.operator.jwks)
  try {
    return await within({ clock, random: createRandom(`${setup.seed}/service`) }, async () => {
      const world = createWorld(setup, clock)
      const result = await goOn(world, run(world))
      return { world, result }
    })
  } finally {
    globalThis.fetch = fetch
  }
}

// ---------------------------------------------------------------------------------------------

/** No request leaves the simulation, but the SDK wants to know where it would go. */
const ENVIRONMENT = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'weather',
  AWS_SECRET_ACCESS_KEY: 'weather',
}

/** Lets one thing happen after the other, each when nothing is left to do of the one before. */
const goOn = async <T>(world: World, running: Promise<T>): Promise<T> => {
  let isDone = false
  const result = running.finally(() => {
    isDone = true
  })
  result.catch(() => {})
  for (;;) {
    await quiet()
    if (isDone) return result
    const alarm = world.clock.next()
    if (alarm === null) throw new Error('the scenario waits for what will never come')
    alarm.ring()
  }
}

const createWorld = (setup: Setup, clock: ReturnType<typeof createClock>) => {
  const { seed, engine, operator, processes = 3, partitions = 4, variables = {} } = setup
  const weather = createWeather(createRandom(`${seed}/weather`))
  const meter = createMeter(clock.now, partitions)
  const history = createHistory(clock.elapsed)
  const facts = createFacts()
  const conflicts: { op: Op | null; items: string[] }[] = []
  const requests: string[] = []
  const logged: string[] = []
  const cloud = createCloud<Op>({
    clock,
    weather,
    meter,
    engine,
    onRequest: ({ at, process, op, operation, fate }) => {
      requests.push(`${at.toFixed(3)} ${process} #${op?.n ?? '-'} ${operation} ${fate ?? ''}`)
      if (op !== null && !/Get|Query/.test(operation)) op.wrote ??= clock.elapsed()
      if (fate !== null)
        history.note(`#${op?.n ?? '-'} ${operation} of ${process} will meet ${fate}`)
    },
    onEffect: (effect, op) => op?.effects.push({ ...effect, at: clock.elapsed() }),
    onConflict: (items, op) => {
      conflicts.push({ op, items: items.map(({ pk, sk }) => `${pk} ${sk}`) })
      history.note(
        `#${op?.n ?? '-'} meets a transaction on ${items.map(({ pk, sk }) => `${pk} ${sk}`)}`,
      )
    },
  })
  const env = parseEnv({
    KEYHARBOR_LOCAL: '1',
    KEYHARBOR_TABLE: TABLE,
    KEYHARBOR_AWS_TIMEOUT_MS: String(AWS_TIMEOUT_MS),
    KEYHARBOR_OPERATOR_JWKS_URL: JWKS,
    KEYHARBOR_OPERATOR_ISSUER: 'https://operator.example',
    ...variables,
  })
  const log = (message: string, error?: unknown): void => {
    logged.push(
      `${clock.elapsed().toFixed(3)} ${message} ${error instanceof Error ? error.stack : ''}`,
    )
  }

  const start = (name: string) => {
    const process: Process = { name, alive: true }
    const died: (() => void)[] = []
    const options = {
      env,
      now: () => Math.floor(clock.now()),
      metrics: { add: () => {}, flush: () => {} },
      requestHandler: cloud.handlerOf(process) as never,
      // It goes by the real clock's fractions, which nobody sees here.
      waitForStep: async () => {},
      ...CHEAP,
    }
    const logs = { log: { info: (message: string) => log(message), error: log } }
    const checking = { ...createChecks(options), ...logs }
    const operating = { ...createOperating(options), ...logs }
    const service: ReturnType<typeof createService> = {
      ...createService(options),
      ...logs,
      push: {
        send: async (connection) => (gone.has(connection) ? 'gone' : 'sent'),
        close: async (connection, { reason }) => {
          if (process.alive) gone.set(connection, reason)
        },
      },
    }
    return {
      name,
      process,
      service,
      socket: createSocket(service, createDispatch(service, METHODS)),
      checks: createCheckApp(checking),
      main: createMainApp(operating),
      sweep: () => sweep(service),
      /** Resolves when it is killed. */
      death: new Promise<void>((resolve) => died.push(resolve)),
      kill: (): void => {
        process.alive = false
        history.note(`${name} is killed`)
        for (const tell of died) tell()
      },
    }
  }

  /** Sockets that were closed, and why. */
  const gone = new Map<string, string>()
  const running = Array.from({ length: processes }, (_, at) => start(`process ${at + 1}`))

  return {
    seed,
    clock,
    weather,
    meter,
    history,
    facts,
    cloud,
    operator,
    conflicts,
    requests,
    logged,
    gone,
    /** How many items of sockets are in the table: connections, and sessions with their copies. */
    itemsOfSockets: async (): Promise<number> => {
      const { body } = await job(engine.ask('DynamoDB_20120810.Scan', JSON.stringify(SOCKET_ITEMS)))
      return JSON.parse(body).Count
    },
    /** The scenario's own choices. */
    random: createRandom(`${seed}/scenario`),
    processes: running,
    start: (name: string) => {
      const one = start(name)
      running.push(one)
      return one
    },
    calm: (): void => weather.set(CALM),
    gatewayMs: GATEWAY_MS,
  }
}

export type World = ReturnType<typeof createWorld>
export type Running = World['processes'][number]
