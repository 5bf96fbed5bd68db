/** Requests to the app for checks, as tests write them, and answers as the function makes them. */
import { lightResponse } from '../../functions/events/light.ts'
import { type App, createCheckApp, createMainApp } from '../../shared/http/app.ts'
import type { Checks } from '../../shared/http/context.ts'

export type Sent = {
  readonly method?: string
  /** A form. */
  readonly form?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly proto?: string
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
export const basic = (credentials: string) => ({
  authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
})
/** A key as OAuth client: its id as name, its secret as password. */
export const asClient = (raw: string) => basic(raw.replace('-', ':'))

/** Sends a request, by POST if it has a body. */
export const send = async (
  service: Checks,
  path: string,
  { form, json, headers = {}, proto = 'https', ...sent }: Sent,
) => {
  const body =
    sent.body ??
    (json === undefined ? form && new URLSearchParams(form).toString() : JSON.stringify(json))
  const request = new Request(`https://keys.example${path}`, {
    method: sent.method ?? (body === undefined ? 'GET' : 'POST'),
    ...(body !== undefined && { body }),
    headers: {
      ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
      ...headers,
    },
  })
  const reply = await createCheckApp(service).fetch(request, {
    address: '192.0.2.1',
    secure: proto === 'https',
    respond: lightResponse,
  })
  const text = await reply.text()
  return {
    status: reply.status,
    headers: reply.headers,
    text,
    body: text.startsWith('{') ? JSON.parse(text) : null,
  }
}

/** The same text with another last character: the checksum doesn't fit. */
export const bentOf = (text: string): string => text.slice(0, -1) + (text.endsWith('0') ? '1' : '0')

/** Methods that OpenAPI has a word for; a route for any method has these, and all others. */
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

export type Route = { readonly app: App; readonly method: string; readonly path: string }

/** Each route of both apps by method and path: a test that walks them forgets no new one. */
export const routesOf = (service: Checks): readonly Route[] =>
  [createCheckApp(service), createMainApp(service)].flatMap((app) =>
    app.routes
      // What holds for all of them is no route.
      .filter(({ path }) => path !== '/*')
      .flatMap(({ method, path }) =>
        (method === 'ALL' ? METHODS : [method]).map((one) => ({ app, method: one, path })),
      ),
  )

/** Counts the reads of keys that a service makes. */
export const countReads = (service: Checks) => {
  const counted = { reads: 0, keys: 0 }
  const forCheck: Checks['keys']['forCheck'] = (refs) => {
    counted.reads++
    counted.keys += refs.length
    return service.keys.forCheck(refs)
  }
  return { counted, service: { ...service, keys: { ...service.keys, forCheck } } }
}
