/** Pushing to sockets and closing them, through API Gateway's `@connections` API. */
import {
  type ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi'

/** Why a socket is closed: WebSocket close code (RFC 6455 §7.4) and text. */
export type Close = { readonly code: number; readonly reason: string }

export const createPush = (client: ApiGatewayManagementApiClient) => ({
  /** @returns false if the socket is gone. */
  async send(connection: string, text: string): Promise<boolean> {
    return unlessGone(() =>
      client.send(new PostToConnectionCommand({ ConnectionId: connection, Data: text })),
    )
  },

  /**
   * Closes a socket. API Gateway closes with a code of its own; where the gateway is ours, the
   * header tells it code and reason.
   */
  async close(connection: string, { code, reason }: Close): Promise<void> {
    const command = new DeleteConnectionCommand({ ConnectionId: connection })
    command.middlewareStack.add(
      (next) => async (args) => {
        const request = args.request as { headers: Record<string, string> }
        request.headers['x-keyharbor-close'] = `${code} ${encodeURIComponent(reason)}`
        return next(args)
      },
      { step: 'build', name: 'closeReason' },
    )
    await unlessGone(() => client.send(command))
  },
})

export type Push = ReturnType<typeof createPush>

// ---------------------------------------------------------------------------------------------

const unlessGone = async (call: () => Promise<unknown>): Promise<boolean> => {
  try {
    await call()
    return true
  } catch (error) {
    if (error instanceof Error && error.name === 'GoneException') return false
    throw error
  }
}
