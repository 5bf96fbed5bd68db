/** oidc-provider's introspection (RFC 7662) with the in-memory adapter that it comes with. */
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import Provider from 'oidc-provider'
import { answerQuestions } from './parts/answering.ts'

const SECONDS = 86_400

answerQuestions({
  start: async ({ keys }: { keys: number }) => {
    const secret = randomBytes(24).toString('hex')
    const provider = new Provider('http://localhost', {
      clients: [
        {
          client_id: 'device',
          client_secret: secret,
          grant_types: ['client_credentials'],
          redirect_uris: [],
          response_types: [],
        },
      ],
      scopes: ['check'],
      ttl: { ClientCredentials: SECONDS },
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        introspection: { enabled: true },
      },
    })
    const server = createServer(provider.callback())
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        resolve(typeof address === 'object' && address ? address.port : 0)
      })
    })
    const authorization = `Basic ${Buffer.from(`device:${secret}`).toString('base64')}`
    const tokens: string[] = []
    for (let at = 0; at < keys; at++) {
      const answer = await fetch(`http://127.0.0.1:${port}/token`, {
        method: 'POST',
        headers: { authorization },
        body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'check' }),
      })
      if (!answer.ok) throw new Error(`/token answered ${answer.status}: ${await answer.text()}`)
      tokens.push(((await answer.json()) as { access_token: string }).access_token)
    }
    return { port, tokens, authorization }
  },
})
