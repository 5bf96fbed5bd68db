/** The functions as gateway, stream and schedule call them, wherever they run. */
import type { HttpRoutes } from './gateway/routes.ts'
import type { Lambda } from './lambda.ts'
import type { Node } from './runtime/node.ts'

export type StreamReader = {
  readonly invoke: Lambda
  /** Records at a time. */
  readonly batch: number
  /** Whether a record, as in the event, is worth a call. */
  readonly hears: (record: unknown) => boolean
}

export type Deployed = {
  /** Takes the events of all three routes of the WebSocket API. */
  readonly socket: Lambda
  readonly http: HttpRoutes
  /** Who reads the table's stream, by the names of their functions. */
  readonly readers: Readonly<Record<string, StreamReader>>
  readonly sweep: Lambda
  /** What runs them; null: this process. */
  readonly node: Node | null
  /** Ends what runs. */
  readonly close: () => Promise<void>
}
