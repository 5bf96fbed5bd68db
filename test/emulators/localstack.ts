/**
 * LocalStack 4.14.0, the last that needs no account, without Docker. Its KMS is Python. Its DynamoDB
 * is Amazon's DynamoDB Local, which it would download from places of its own: here Maven Central has
 * that, and a Java of this machine runs it.
 */
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, must, serve } from '../../tools/programs/program.ts'
import { type Closers, tell } from '../../tools/programs/tell.ts'
import { cached, findPython } from './cache.ts'

export const VERSION = '4.14.0'
/** Its code needs what 3.13 brought (a `Lock` that is a type), whatever its metadata says. */
const PYTHON = 'python3.13'
/** Below a root of LocalStack's files: where it looks for what it has downloaded. */
const LIBRARY = 'files/var/lib/localstack/lib'

/** @returns its endpoint. */
export const startLocalStack = async (closers: Closers, folder: string): Promise<string> => {
  const what = `Installing LocalStack ${VERSION} from PyPI and DynamoDB Local from Maven Central`
  const home = await cached(closers, `localstack-${VERSION}`, what, (draft, log) =>
    install(closers, draft, log),
  )
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  tell(`Starting LocalStack ${VERSION} at ${url}`)
  await serve(closers, join(home, 'venv/bin/python'), ['-m', 'localstack.runtime.main'], {
    url: `${url}/_localstack/health`,
    log: join(folder, 'localstack.log'),
    env: {
      GATEWAY_LISTEN: `127.0.0.1:${port}`,
      // The default server listens on all addresses, whatever it is told.
      GATEWAY_SERVER: 'hypercorn',
      FILESYSTEM_ROOT: join(home, 'files'),
      XDG_CACHE_HOME: join(home, 'files'),
      // In a container it would use the folders of its image.
      OVERRIDE_IN_DOCKER: '0',
      SERVICES: 'dynamodb,dynamodbstreams,kms,sts',
      EAGER_SERVICE_LOADING: '1',
      // Streams by DynamoDB Local; otherwise they need another download, kinesis-mock.
      PROVIDER_OVERRIDE_DYNAMODB: 'v2',
      PROVIDER_OVERRIDE_DYNAMODBSTREAMS: 'v2',
      DYNAMODB_IN_MEMORY: '1',
      SKIP_SSL_CERT_DOWNLOAD: '1',
      DISABLE_EVENTS: '1',
      DNS_ADDRESS: '0',
    },
  })
  return url
}

// ---------------------------------------------------------------------------------------------

const install = async (closers: Closers, draft: string, log: string): Promise<void> => {
  const python = await findPython(closers, [PYTHON], log)
  await must(closers, python, ['-m', 'venv', join(draft, 'venv')], { log })
  const own = join(draft, 'venv/bin/python')
  const pip = (...args: string[]): Promise<void> =>
    must(closers, own, ['-m', 'pip', '--disable-pip-version-check', ...args], { log })
  const exact = `localstack-core==${VERSION}`
  // The source package lists what it was released with; what PyPI has today doesn't fit any more.
  await pip('download', '--no-deps', '--no-binary', 'localstack-core', '-d', draft, exact)
  const source = `localstack_core-${VERSION}`
  const list = `${source}/requirements-runtime.txt`
  await must(closers, 'tar', ['-xzf', `${source}.tar.gz`, list], { log, cwd: draft })
  await pip('install', '-c', join(draft, list), `localstack-core[runtime]==${VERSION}`)
  await installDynamo(closers, draft, log)
}

const installDynamo = async (closers: Closers, draft: string, log: string): Promise<void> => {
  const folder = join(draft, LIBRARY, 'dynamodb-local/2')
  const jars = join(folder, 'DynamoDBLocal_lib')
  await mkdir(jars, { recursive: true })
  await copyFile(join(import.meta.dirname, 'dynamodb-local.pom.xml'), join(draft, 'pom.xml'))
  const copy = ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${jars}`]
  await must(closers, 'mvn', copy, { log, cwd: draft })
  const main = join(import.meta.dirname, 'LoopbackDynamo.java')
  await must(closers, 'javac', ['-cp', join(jars, '*'), '-d', jars, main], { log })
  // By this LocalStack knows that it is installed.
  await writeFile(join(folder, 'DynamoDBLocal.jar'), '')
  const bin = join(draft, LIBRARY, 'java/21/bin')
  await mkdir(bin, { recursive: true })
  await writeFile(join(bin, 'java'), JAVA)
  await chmod(join(bin, 'java'), 0o755)
}

/** Stands where LocalStack expects its Java 21, and is called as `java [options] -jar file [args]`. */
const JAVA = `#!/bin/sh
bin=$(dirname "$0")
jars=$bin/../../../dynamodb-local/2/DynamoDBLocal_lib
# LocalStack puts this folder before the others.
PATH=\${PATH#"$bin":}
while [ "$1" != -jar ]; do shift; done
shift 2
exec java -Xmx256m -cp "$jars:$jars/*" LoopbackDynamo "$@"
`
