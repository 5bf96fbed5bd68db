/**
 * ministack: an AWS in one Python process, with CloudFormation, API Gateway's sockets and Lambda
 * functions that run as Node.js processes of this machine. Here it speaks TLS only, as AWS does.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, serve } from '../../tools/programs/program.ts'
import { type Closers, tell } from '../../tools/programs/tell.ts'
import { virtualEnvironment } from './cache.ts'

export const VERSION = '1.5.33'

type Options = {
  /** Folder of its state and log. */
  readonly folder: string
  /** Paths of what it shows to clients, and of what proves it. */
  readonly tls: { readonly cert: string; readonly key: string }
}

/** @returns the Python that has it. @throws UserError where it can't be had. */
export const fetchMinistack = (closers: Closers): Promise<string> =>
  virtualEnvironment(closers, {
    name: 'ministack',
    version: VERSION,
    requirements: [`ministack==${VERSION}`],
  })

/** @returns its endpoint, and the file of all that it says. */
export const startMinistack = async (closers: Closers, { folder, tls }: Options) => {
  const python = await fetchMinistack(closers)
  const port = await freePort()
  const endpoint = `https://127.0.0.1:${port}`
  const log = join(folder, 'ministack.log')
  const own = join(folder, 'ministack')
  await mkdir(own)
  tell(`Starting ministack ${VERSION} at ${endpoint}`)
  await serve(closers, python, ['-m', 'ministack'], {
    log,
    url: `${endpoint}/_ministack/health`,
    ca: await readFile(tls.cert, 'utf8'),
    env: {
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      // Checks signatures, and what the functions' roles allow.
      AUTH: 'true',
      USE_SSL: '1',
      MINISTACK_SSL_CERT: tls.cert,
      MINISTACK_SSL_KEY: tls.key,
      // The functions are its children: they trust what it shows, and the issuer with the same.
      NODE_EXTRA_CA_CERTS: tls.cert,
      AWS_ENDPOINT_URL: endpoint,
      TMPDIR: own,
      STATE_DIR: join(own, 'state'),
      S3_DATA_DIR: join(own, 's3'),
    },
  })
  return { endpoint, log }
}
