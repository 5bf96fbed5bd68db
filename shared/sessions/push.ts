/** Pushing to sockets and closing them, through API Gateway's `@connections` API. */
import {
  type ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi'

/** Why a socket is closed: WebSocket close code (RFC 6455 §7.4) and text. */
export type Close = { readonly code: number; readonly reason: string }

/** Tells a gateway of ours the code and reason, percent-encoded. */
export const CLOSE_HEADER = 'x-keyharbor-close'

export type Sent = 'sent' | 'gone' | 'full'

/** How long a push may take, of a client that keeps up. */
const SLOW_MS = 2000

export const createPush = (client: ApiGatewayManagementApiClient, slowMs = SLOW_MS) => ({
  /** @returns what became of it: `gone` if nobody is there, `full` if the client doesn't keep up, or it took too long. */
  async send(connection: string, text: string): Promise<Sent> {
    const command = new PostToConnectionCommand({ ConnectionId: connection, Data: text })
    const abortSignal = AbortSignal.timeout(slowMs)
    return outcome(() => client.send(command, { abortSignal }), abortSignal)
  },

  /**
   * Closes a socket. API Gateway closes with a code of its own; the gateway of `local/` takes code and reason from the
   * header.
   */
  async close(connection: string, { code, reason }: Close): Promise<void> {
    const command = new DeleteConnectionCommand({ ConnectionId: connection })
    command.middlewareStack.add(
      (next) => async (args) => {
        const request = args.request as { headers: Record<string, string> }
        request.headers[CLOSE_HEADER] = `${code} ${encodeURIComponent(reason)}`
        return next(args)
      },
      { step: 'build', name: 'closeReason' },
    )
    await outcome(() => client.send(command))
  },
})

export type Push = ReturnType<typeof createPush>

// ---------------------------------------------------------------------------------------------

const outcome = async (call: () => Promise<unknown>, late?: AbortSignal): Promise<Sent> => {
  try {
    await call()
    return 'sent'
  } catch (error) {
    const name = error instanceof Error ? error.name : ''
    if (name === 'GoneException') return 'gone'
    if (name === 'LimitExceededException' || late?.aborted) return 'full'
    throw error
  }
}
