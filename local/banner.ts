/** What is printed once the service answers: where it is, and lines that can be pasted. No secrets but a
 * password that was asked for: the lines take them from the file. */
import { join } from 'node:path'
import type { Cloud } from './cloud.ts'

/** @param pages whether portal and docs can be opened already. */
export const banner = (
  { urls, data, ca, node, reset }: Cloud,
  pages: 'there' | 'coming' | 'none',
  seconds: string,
): string => {
  const file = join(data, 'bootstrap.json')
  const take = (path: string): string => `"$(node -p 'require(${jsString(file)}).${path}')"`
  const trust = quoted(ca)
  return `
Keyharbor is up (${seconds} s).

${PAGES[pages](urls.https)}  https   ${urls.https}
  wss     ${urls.wss}
  http    ${urls.http}
  ws      ${urls.ws}

  data    ${data}
  logins  ${file}${node === null ? '' : `\n  runs    bundles, under Node.js ${node.version.slice(1)}`}
${reset === null ? '' : `\nThe password of ${reset.username} is ${reset.password} from now on, without a second factor. This is shown once.\n`}
List the keys, as a TrueNAS client:

  SSL_CERT_FILE=${trust} midclt -u ${urls.wss} -U admin -K ${take('apiKey')} call api_key.query

Ask whether a key is good, as a device:

  curl -sS --cacert ${trust} -H "Authorization: Bearer $(node -p 'require(${jsString(file)}).device.apiKey')" \\
    --data-urlencode "token=$(node -p 'require(${jsString(file)}).apiKey')" ${urls.https}/oauth2/introspect
${node?.advice ? `\n${node.advice}\n` : ''}
Ctrl-C stops it.
`
}

// ---------------------------------------------------------------------------------------------

const PAGES = {
  there: (https: string): string => `  portal  ${https}/ui/\n  docs    ${https}/api/docs/\n`,
  coming: (https: string): string =>
    `  portal  ${https}/ui/\n  docs    ${https}/api/docs/  (the pages are being built, a moment)\n`,
  none: (): string => '',
} as const

/** For a POSIX shell; left alone where nothing needs it. */
const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/** A JavaScript string inside single quotes of a shell. */
const jsString = (text: string): string => JSON.stringify(text).replaceAll("'", '\\u0027')
