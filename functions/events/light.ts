/**
 * Requests and responses without the streams, signals and clones of Node.js's own, which cost more than everything else
 * that a check takes. They have what hono and the routes use. For functions only, which have no other requests or
 * responses.
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

/** A response with a text for a body, or none. */
export class LightResponse {
  readonly #body: string | null
  readonly status: number
  readonly headers: Headers

  constructor(body?: string | null, { status = 200, headers }: ResponseInit = {}) {
    if (typeof body === 'object' && body !== null) throw new TypeError('only texts are light')
    this.#body = body ?? null
    this.status = status
    this.headers = headers instanceof Headers ? headers : new Headers(headers)
  }
  /** For code that makes a changed response of this one. */
  get body(): string | null {
    return this.#body
  }
  get ok(): boolean {
    return this.status >= 200 && this.status < 300
  }
  async text(): Promise<string> {
    return this.#body ?? ''
  }
  async json(): Promise<unknown> {
    return JSON.parse(this.#body ?? '')
  }
}

/** Makes hono's responses light ones, from now on and everywhere in this process. */
export const useLightResponses = (): void => {
  globalThis.Response = LightResponse as unknown as typeof Response
}
