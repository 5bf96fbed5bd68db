/** The functions straight from their sources, all in this process: the quickest start. */
import { CHECK_PATHS } from '../shared/http/paths.ts'
import { CALL_MS } from '../shared/limits/calls.ts'
import { filterOf, type ReaderName } from '../shared/store/heard.ts'
import { createFilter } from './assembly/event-filter.ts'
import type { Deployed, StreamReader } from './deployed.ts'
import { type Handler, lambda } from './lambda.ts'

/** The entry points in `functions/`. */
export type Handlers = {
  readonly socket: Handler
  /** By route key of the HTTP API. */
  readonly http: Readonly<Record<string, Handler>>
  readonly close: Handler
  readonly tell: Handler
  readonly sweep: Handler
}

/** To be called when the environment is set: functions read it, and make their clients, on load. */
export const loadSources = async (): Promise<Handlers> => {
  const [socket, http, introspect, close, tell, sweep] = await Promise.all([
    import('../functions/socket.ts'),
    import('../functions/http.ts'),
    import('../functions/introspect.ts'),
    import('../functions/close.ts'),
    import('../functions/tell.ts'),
    import('../functions/sweep.ts'),
  ])
  return {
    socket: socket.handler as Handler,
    // As cdk/gateway.ts has them.
    http: {
      ...Object.fromEntries(
        CHECK_PATHS.map((path) => [`ANY ${path}`, introspect.handler as Handler]),
      ),
      $default: http.handler as Handler,
    },
    close: close.handler as Handler,
    tell: tell.handler as Handler,
    sweep: sweep.handler as Handler,
  }
}

export const fromSources = ({ socket, http, close, tell, sweep }: Handlers): Deployed => ({
  socket: lambda('socket', socket, CALL_MS / 1000),
  http: Object.fromEntries(
    Object.entries(http).map(([route, handler]) => [
      route,
      lambda('http', handler, CALL_MS / 1000),
    ]),
  ),
  readers: { close: reader('close', close), tell: reader('tell', tell) },
  sweep: lambda('sweep', sweep, 60),
  node: null,
  close: async () => {},
})

// ---------------------------------------------------------------------------------------------

/** As cdk/stream.ts has it. */
const reader = (name: ReaderName, handler: Handler): StreamReader => ({
  invoke: lambda(name, handler, 60),
  batch: 100,
  hears: createFilter([filterOf(name)]),
})
