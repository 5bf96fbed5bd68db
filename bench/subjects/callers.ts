/** How a caller proves itself: the `authorization` of a request. */

/** Sends a form. @returns status and body. */
export type Post = (
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
) => Promise<{ readonly status: number; readonly body: string }>

export type Proof = 'key' | 'access token'

/** @returns the header's value; null if the service knows no such proof.
 * @throws Error if it refuses the key. */
export const prove = async (proof: Proof, key: string, post: Post): Promise<string | null> => {
  if (proof === 'key') return `Bearer ${key}`
  // RFC 6749 §2.3.1: client id and secret; a key is both.
  const dash = key.indexOf('-')
  const basic = Buffer.from(`${key.slice(0, dash)}:${key.slice(dash + 1)}`).toString('base64')
  const { status, body } = await post(
    '/oauth2/token',
    { authorization: `Basic ${basic}`, 'content-type': FORM },
    'grant_type=client_credentials',
  )
  if (status === 404 || status === 405) return null
  if (status !== 200) throw new Error(`POST /oauth2/token answered ${status}: ${body}`)
  return `Bearer ${JSON.parse(body).access_token}`
}

export const FORM = 'application/x-www-form-urlencoded'

/** By fetch, of a listener. */
export const postTo =
  (origin: string): Post =>
  async (path, headers, body) => {
    const answer = await fetch(`${origin}${path}`, { method: 'POST', headers, body })
    return { status: answer.status, body: await answer.text() }
  }
