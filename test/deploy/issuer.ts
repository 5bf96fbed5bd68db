/** An operator's identity provider: its JWKS over https, with the certificate that the functions trust. */
import { createServer } from 'node:https'
import { openIssuer } from '../../local/issuer.ts'
import { closeServer, listen } from '../../local/listen.ts'
import type { Closers } from '../../tools/programs/tell.ts'

type Tls = { readonly cert: string; readonly key: string }

export const serveIssuer = async (closers: Closers, folder: string, { cert, key }: Tls) => {
  const issuer = await openIssuer(folder)
  const server = createServer({ cert, key }, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(issuer.jwks))
  })
  const port = await listen(server as never, 0, '127.0.0.1')
  closers.add(() => closeServer(server as never))
  return { jwksUrl: `https://127.0.0.1:${port}/jwks.json`, token: issuer.token }
}
