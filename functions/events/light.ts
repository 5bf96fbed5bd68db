/**
 * Requests and good answers without the streams, signals and clones of Node.js's own, which cost more than everything
 * else that a check takes.
 */

type Sent = {
  readonly method: string
  readonly url: string
  /** By names in lower case, as API Gateway sends them. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly text: string
}

/** What hono reads of a request: method, URL, single headers, and the body once. */
export const lightRequest = ({ method, url, headers, text }: Sent): Request => {
  const request: Pick<Request, 'method' | 'url' | 'text'> & {
    headers: Pick<Headers, 'get'>
  } = {
    method,
    url,
    headers: { get: (name) => headers[name.toLowerCase()] ?? null },
    text: async () => text,
  }
  return request as Request
}

/** What `http-api.ts` reads of a response, and hono if it has to make another of it. */
export const lightResponse = (
  text: string,
  headers: Readonly<Record<string, string>>,
): Response => {
  const response = {
    status: 200,
    headers: new Map(Object.entries(headers)),
    body: text,
    text: async () => text,
  }
  return response as unknown as Response
}
