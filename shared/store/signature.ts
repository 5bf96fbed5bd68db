/**
 * AWS's Signature Version 4 (IAM user guide, "Create a signed AWS API request") for the requests of one operation of
 * DynamoDB. They differ in time and body alone, so most of the work is done once. The SDK's signer, which
 * takes any request, needs three times as long.
 */
import { createHmac, hash } from 'node:crypto'

/** With a session token if they are temporary, as Lambda's are. */
type Credentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export type Signer = (credentials: Credentials, at: Date, body: string) => Record<string, string>

/**
 * @param host with the port, unless that is the protocol's own.
 * @param operation e.g. `BatchGetItem`.
 * @returns makes the headers of a POST to `/`.
 */
export const createSigner = (region: string, host: string, operation: string): Signer => {
  const target = `DynamoDB_20120810.${operation}`
  let key: SigningKey | null = null

  const keyFor = (day: string, { secretAccessKey }: Credentials): Buffer => {
    if (key?.day !== day || key.secret !== secretAccessKey)
      key = { day, secret: secretAccessKey, key: derive(day, region, secretAccessKey) }
    return key.key
  }

  return (credentials, at, body) => {
    // 2026-11-25T08:09:10.123Z as 20261125T080910Z.
    const time = at.toISOString().replace(/[-:]|\.\d{3}/g, '')
    const day = time.slice(0, 8)
    const token = credentials.sessionToken
    const withToken = token === undefined ? '' : `x-amz-security-token:${token}\n`
    const names = token === undefined ? NAMES : NAMES_WITH_TOKEN
    const signed = `content-type:${TYPE}\nhost:${host}\nx-amz-date:${time}\n${withToken}x-amz-target:${target}\n`
    const canonical = `POST\n/\n\n${signed}\n${names}\n${hash('sha256', body)}`
    const scope = `${day}/${region}/dynamodb/aws4_request`
    const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash('sha256', canonical)}`
    const signature = hmac(keyFor(day, credentials), text).toString('hex')
    const headers: Record<string, string> = {
      host,
      'content-type': TYPE,
      'content-length': String(Buffer.byteLength(body)),
      'x-amz-date': time,
      'x-amz-target': target,
      authorization: `AWS4-HMAC-SHA256 ${[
        `Credential=${credentials.accessKeyId}/${scope}`,
        `SignedHeaders=${names}`,
        `Signature=${signature}`,
      ].join(', ')}`,
    }
    if (token !== undefined) headers['x-amz-security-token'] = token
    return headers
  }
}

// ---------------------------------------------------------------------------------------------

type SigningKey = { readonly day: string; readonly secret: string; readonly key: Buffer }

const TYPE = 'application/x-amz-json-1.0'
/** In the order that is signed. */
const NAMES = 'content-type;host;x-amz-date;x-amz-target'
const NAMES_WITH_TOKEN = 'content-type;host;x-amz-date;x-amz-security-token;x-amz-target'

const hmac = (key: Buffer | string, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest()

const derive = (day: string, region: string, secret: string): Buffer =>
  [region, 'dynamodb', 'aws4_request'].reduce(hmac, hmac(`AWS4${secret}`, day))
