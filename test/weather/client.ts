/** Clients of the simulated deployment: sockets and HTTP, through a gateway that takes its time. */
import { decode, encode } from '../../shared/domain/ejson.ts'
import { mask } from './facts.ts'
import type { Op, Outcome, Session } from './history.ts'
import type { Running, World } from './world.ts'

type Options = { readonly tenant: string; readonly version?: string; readonly address?: string }

/** Opens a socket. A call never throws: what came of it is its outcome, and is in the history. */
export const openSocket = async (world: World, name: string, options: Options) => {
  const { history, gone, facts } = world
  const id = `${name}-${world.history.ops.length}-${world.random.below(1e6)}`
  const address = options.address ?? addressOf(world.history.ops.length)
  let session: Session | null = null
  let frames = 0

  const shake = { connection: id, version: options.version, secure: true }
  const handshake = history.begin({ client: name, session, method: 'connect', params: '' })
  await ask(world, handshake, async ({ socket }) =>
    String(await socket.connect({ ...shake, host: `${options.tenant}.example`, address })),
  )

  const call = async (method: string, ...params: unknown[]): Promise<Op> =>
    callBy(session, method, ...params)

  /** The same by the authority of another session: an invitation's, say. */
  const callBy = async (by: Session | null, method: string, ...params: unknown[]): Promise<Op> => {
    const op = history.begin({ client: name, session: by, method, params: mask(facts, params) })
    if (gone.has(id)) {
      history.end(op, { kind: 'refused', text: `the socket is closed: ${gone.get(id)}` })
      return op
    }
    const frame = encode({ jsonrpc: '2.0', id: ++frames, method, params })
    const answer = await ask(world, op, ({ socket }) => socket.message(id, frame))
    history.end(op, typeof answer === 'string' ? outcomeOf(answer) : (answer ?? CLOSED))
    return op
  }
  return {
    name,
    id,
    tenant: options.tenant,
    call,
    callBy,
    /** The socket ends, as its gateway notices. */
    drop: async (): Promise<void> => {
      const op = history.begin({ client: name, session: null, method: 'disconnect', params: '' })
      const last = session
      session = null
      facts.ends.push({
        op,
        text: 'its socket ended',
        secrets: () => false,
        sessions: (one) => one === last,
      })
      const told = await ask(world, op, async ({ socket }) =>
        socket.disconnect(id).then(() => null),
      )
      history.end(op, told === null ? { kind: 'ok', value: null } : (told as Outcome))
    },
    session: (): Session | null => session,
    /** From now on the socket is this session's. */
    setSession: (next: Session | null): void => {
      session = next
    },
  }
}

export type Client = Awaited<ReturnType<typeof openSocket>>

/** Asks by HTTP. @returns the call, with status and body as its value. */
export const askHttp = async (
  world: World,
  client: string,
  app: 'checks' | 'main',
  { path, headers, form, json }: HttpRequest,
): Promise<Op> => {
  const { history, facts } = world
  const shown = mask(facts, form ?? json ?? {})
  const op = history.begin({ client, session: null, method: `POST ${path}`, params: shown })
  const type = form ? 'application/x-www-form-urlencoded' : 'application/json'
  const body = form ? new URLSearchParams(form).toString() : JSON.stringify(json ?? {})
  const answer = await ask(world, op, async (process) => {
    const request = new Request(`https://keys.example${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': type, ...headers },
    })
    const reply = await process[app].fetch(request, { address: '192.0.2.1', secure: true })
    const text = await reply.text()
    return encode({ status: reply.status, body: text === '' ? null : JSON.parse(text) })
  })
  if (typeof answer !== 'string') history.end(op, answer ?? CLOSED)
  else {
    const value = decode(answer) as { status: number; body: { error?: string } | null }
    const refused = value.status >= 400
    const text = `${value.status} ${value.body?.error ?? ''}`
    history.end(
      op,
      refused
        ? { kind: value.status === 500 ? 'unknown' : 'refused', text }
        : { kind: 'ok', value },
    )
  }
  return op
}

export type HttpRequest = {
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly form?: Readonly<Record<string, string>>
  readonly json?: unknown
}

/** Whether an outcome is that the service can't say what came of it. */
export const isUnknown = (text: string): boolean =>
  INTERNAL.test(text) || /outcome|not known|unknown whether/i.test(text)
export const INTERNAL = /Internal error|server_error|^500/

// ---------------------------------------------------------------------------------------------

const CLOSED: Outcome = { kind: 'refused', text: 'the socket was closed' }

/** Brings a call to a process and its answer back, as a gateway does: which process is chance. */
const ask = async (
  world: World,
  op: Op,
  run: (process: Running) => Promise<string | null>,
): Promise<string | Outcome | null> => {
  const { clock, weather, processes, cloud, gatewayMs } = world
  await clock.sleep(weather.random.between(0.5, 5))
  const process = weather.random.pick(processes.filter((one) => one.process.alive))
  op.began = clock.elapsed()
  op.process = process.name
  const answered = cloud
    .actFor(op, () => run(process))
    .catch((error: unknown): Outcome => ({ kind: 'unknown', text: `the process threw ${error}` }))
  const died = process.death.then((): Outcome => ({ kind: 'unknown', text: 'the process died' }))
  const late = new Promise<Outcome>((resolve) => {
    clock.after(gatewayMs, () => resolve({ kind: 'unknown', text: 'the gateway gave up' }))
  })
  const answer = await Promise.race([answered, died, late])
  await clock.sleep(weather.random.between(0.5, 5))
  return answer
}

/** Another one for each socket, unless its client says. */
const addressOf = (n: number): string => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`

const outcomeOf = (frame: string): Outcome => {
  const { result, error } = decode(frame) as {
    result?: unknown
    error?: { message: string; data?: { reason?: string; extra?: unknown } }
  }
  if (error === undefined) return { kind: 'ok', value: result }
  const extra = error.data?.extra ? ` ${JSON.stringify(error.data.extra)}` : ''
  const text = `${error.data?.reason ?? error.message}${extra}`.trim()
  return { kind: isUnknown(text) ? 'unknown' : 'refused', text }
}
