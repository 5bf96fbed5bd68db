/**
 * A LocalStack that somebody runs, with a licence: only then it has API Gateway v2. Functions run in
 * containers of its own there, so nothing of this machine is in their reach: the operator's key set is
 * put into its S3. (LocalStack's documentation: "API Gateway", "Accessing LocalStack via the endpoint URL".)
 */
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { openIssuer } from '../../local/issuer.ts'
import { messageOf, UserError } from '../../local/user-error.ts'
import { withVariables } from './assembly.ts'
import { type Begin, caOf, LACKS } from './platform.ts'

/** Leads to this machine from outside, and to LocalStack from within; it has a public certificate. */
const HOST = 'localhost.localstack.cloud'
const BUCKET = 'keyharbor-test-deploy'

export const beginLocalStack: Begin = async (_, folder) => {
  const endpoint = process.env.AWS_ENDPOINT_URL ?? ''
  const port = portOf(endpoint)
  const issuer = await openIssuer(folder)
  await publish(endpoint, JSON.stringify(issuer.jwks))
  const jwks = `http://${HOST}:${port}/${BUCKET}/jwks.json`
  const [ca, log] = [caOf(folder), join(folder, 'localstack.log')]
  await writeFile(ca, '')
  await writeFile(log, 'LocalStack has its own log: localstack logs\n')
  const idOf = (url: string): string => new URL(url).hostname.split('.')[0] ?? ''
  return {
    name: 'localstack',
    endpoint,
    ca,
    log,
    settings: {
      // The app takes https only; the copy of its templates has the real one.
      operatorJwksUrl: jwks.replace(/^http:/, 'https:'),
      channelBindings: await bindingOf(port),
    },
    env: {},
    adaptations: [
      withVariables('KEYHARBOR_OPERATOR_JWKS_URL', { KEYHARBOR_OPERATOR_JWKS_URL: jwks }),
    ],
    urls: ({ SocketUrl, HttpUrl }) => ({
      https: `https://${idOf(HttpUrl)}.execute-api.${HOST}:${port}`,
      wss: `wss://${idOf(SocketUrl)}.execute-api.${HOST}:${port}${new URL(SocketUrl).pathname}`,
    }),
    operator: issuer,
    lacks: LACKS,
  }
}

// ---------------------------------------------------------------------------------------------

const portOf = (endpoint: string): number => {
  const { port, protocol } = URL.canParse(endpoint) ? new URL(endpoint) : { port: '', protocol: '' }
  if (!/^https?:$/.test(protocol))
    throw new UserError('AWS_ENDPOINT_URL takes the address of a LocalStack, http://127.0.0.1:4566')
  return Number(port) || (protocol === 'https:' ? 443 : 80)
}

const publish = async (endpoint: string, jwks: string): Promise<void> => {
  const put = async (path: string, body: string): Promise<void> => {
    const reply = await fetch(new URL(path, endpoint), { method: 'PUT', body })
    if (!reply.ok && reply.status !== 409) throw new Error(`PUT ${path}: ${reply.status}`)
  }
  try {
    await put(`/${BUCKET}`, '')
    await put(`/${BUCKET}/jwks.json`, jwks)
  } catch (error) {
    throw new UserError(`${endpoint} is no LocalStack with S3: ${messageOf(error)}`)
  }
}

/** RFC 5929 `tls-server-end-point` of what clients see there. */
const bindingOf = (port: number): Promise<string> =>
  new Promise((done, fail) => {
    const socket = connect({ host: '127.0.0.1', port, servername: HOST, rejectUnauthorized: false })
    socket.once('secureConnect', () => {
      done(createHash('sha256').update(socket.getPeerCertificate().raw).digest('base64'))
      socket.destroy()
    })
    socket.once('error', (error) =>
      fail(new UserError(`127.0.0.1:${port} doesn't speak TLS: ${messageOf(error)}`)),
    )
  })
