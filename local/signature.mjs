// @ts-check
/**
 * AWS's Signature Version 4 from the side of who is asked (IAM user guide, "Create a signed AWS API
 * request"), for what stands in for AWS on this machine. Plain JavaScript, for a process without tsx.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/**
 * Who may ask.
 * @typedef {object} Trust
 * @property {string} key of this start: the secret of each access key id that we gave follows from it.
 * @property {{ id: string, secret: string } | null} own the person's own credentials, if the functions
 *   sign with those.
 * @property {string} path that each address begins with; '' or `/` and what can't be guessed, where the
 *   person's own secret may be as good as public, such as `test`.
 */

/**
 * @typedef {object} Request
 * @property {string | undefined} [method]
 * @property {string | undefined} [url] path and query.
 * @property {import('node:http').IncomingHttpHeaders} headers
 */

/** @type {(trust: Trust, id: string) => string | null} the secret of an access key id. */
export const secretOf = ({ key, own }, id) => {
  if (own === null) return hmac(key, id).toString('base64').slice(0, 40)
  return own.id === id ? own.secret : null
}

/**
 * @param {Trust} trust
 * @returns looks at a request with its whole body: the access key id that signed it, and the path below
 * that of the trust; null when nobody did whom we know. Requests with a query aren't known here.
 */
export const createVerifier = (trust) => {
  /** @type {Map<string, Buffer>} by access key id and scope. */
  const keys = new Map()

  /** @type {(id: string, secret: string, scope: string) => Buffer} */
  const keyFor = (id, secret, scope) => {
    const known = keys.get(`${id}/${scope}`)
    if (known !== undefined) return known
    const key = scope.split('/').reduce(hmac, Buffer.from(`AWS4${secret}`))
    // An id of this start is one of a few, and a day has one key; anybody else's are forgotten again.
    if (keys.size >= MOST_KEYS) keys.clear()
    keys.set(`${id}/${scope}`, key)
    return key
  }

  /** @type {(request: Request, body: Uint8Array, now?: number) => { id: string, path: string } | null} */
  return ({ method, url = '', headers }, body, now = Date.now()) => {
    const [, id, scope, names, given] = FORM.exec(headers.authorization ?? '') ?? []
    if (!url.startsWith(`${trust.path}/`) || url.includes('?')) return null
    if (id === undefined || scope === undefined || names === undefined || !given) return null
    const time = String(headers['x-amz-date'])
    const secret = secretOf(trust, id)
    if (secret === null || !(Math.abs(now - timeOf(time)) <= FRESH_MS)) return null
    const signed = names.split(';').map((name) => `${name}:${trimmed(headers[name])}\n`)
    const path = url.split('/').map(escaped).join('/')
    const canonical = `${method}\n${path}\n\n${signed.join('')}\n${names}\n${sha256(body)}`
    const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`
    const isGood = timingSafeEqual(hmac(keyFor(id, secret, scope), text), Buffer.from(given, 'hex'))
    return isGood ? { id, path: url.slice(trust.path.length) } : null
  }
}

// ---------------------------------------------------------------------------------------------

/** As AWS: what was signed longer ago may be somebody's who found it. */
const FRESH_MS = 15 * 60_000
const MOST_KEYS = 100

const FORM =
  /^AWS4-HMAC-SHA256 Credential=([^/, ]+)\/(\d{8}\/[^/, ]+\/[^/, ]+\/aws4_request), ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/

/** @type {(key: string | Buffer, text: string) => Buffer} */
const hmac = (key, text) => createHmac('sha256', key).update(text).digest()

/** @type {(content: string | Uint8Array) => string} */
const sha256 = (content) => createHash('sha256').update(content).digest('hex')

/** @type {(value: string | string[] | undefined) => string} */
const trimmed = (value) => String(value).trim().replace(/\s+/g, ' ')

/** 20261125T080910Z in milliseconds since the epoch; NaN, which is near to nothing, for anything else.
 * @type {(time: string) => number} */
const timeOf = (time) =>
  Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))

/** A segment of a path, which is escaped already and once more for the signature (RFC 3986).
 * @type {(segment: string) => string} */
const escaped = (segment) =>
  encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
