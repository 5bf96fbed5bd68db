/**
 * The HTTP side as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1), from the tables of its
 * routes and the schemas that requests are checked by. The WebSocket has a document of its own, by OpenRPC.
 */
import type { Context } from 'hono'
import * as z from 'zod'
import pkg from '../../../package.json' with { type: 'json' }
import { type Checks, type Http, issuerOf } from '../context.ts'
import { keep } from '../discovery.ts'
import { CHECKS } from './checks.ts'
import { HEADERS, type HeaderName } from './headers.ts'
import { type Body, REPLIES, type Reply } from './replies.ts'
import type { Row } from './route.ts'
import { NAMED, type Schema } from './schemas.ts'
import { SCHEMES } from './security.ts'
import { SELF } from './self.ts'
import { TENANTS } from './tenants.ts'
import { TOKENS } from './tokens.ts'

/** All routes, by what they are about. */
export const GROUPS = [
  {
    name: 'Checks',
    description:
      'Whether keys are good: for devices and gateways. For the holder of a key, its end.',
    rows: CHECKS,
  },
  {
    name: 'Tokens',
    description:
      'The service as OAuth authorization server: access tokens for keys, and how others check what it signed.',
    rows: TOKENS,
  },
  {
    name: 'Tenants',
    description:
      'For the operator, where an issuer of tokens is set up; else there is no such route.',
    rows: TENANTS,
  },
  { name: 'Service', description: 'What the service says of itself, to anybody.', rows: SELF },
] as const satisfies readonly { name: string; description: string; rows: readonly Row[] }[]

/** `GET /openapi.json`: made when it is asked for first, and once: but for the host, it is the same for everybody. */
export const serveOpenApi = ({ env }: Checks) => {
  let made: OpenApi | undefined
  return (c: Context<Http>): Response => {
    const origin = issuerOf(c, env)
    made ??= openApi(origin)
    keep(c, env)
    return c.json({ ...made, servers: [{ url: origin }] })
  }
}

/** @param origin where the service is, as the caller sees it. */
export const openApi = (origin: string) => ({
  openapi: '3.1.1',
  info: {
    title: 'Keyharbor',
    summary: 'User-linked API keys for fleets of NAS systems: what is asked over HTTP.',
    description:
      'Errors are JSON with `error` and `error_description`. Every answer has `X-Request-Id`, by which the operator finds it in the log; what a request has there counts for nothing. Send keys over https only: one that came over plain http is revoked. A query that a route doesn’t declare is refused. The public keys, the metadata, the versions and this document may be read by scripts of any origin, nothing else. Members may be added to answers at any time.',
    version: pkg.version,
    license: { name: 'Apache 2.0', identifier: pkg.license },
  },
  servers: [{ url: origin }],
  tags: GROUPS.map(({ name, description }) => ({ name, description })),
  paths: paths(),
  components: {
    schemas: schemas(),
    responses: mapped(REPLIES, response),
    headers: mapped(HEADERS, (_, name) => header(name, true)),
    securitySchemes: SCHEMES,
  },
})

export type OpenApi = ReturnType<typeof openApi>

/** The JSON Schema of what is sent, with all that is in it. */
export const toJson = (schema: Schema) => z.toJSONSchema(schema, OPTIONS)

// ---------------------------------------------------------------------------------------------

const paths = () => {
  const found: Record<string, Record<string, ReturnType<typeof operation>>> = {}
  for (const { name, rows } of GROUPS)
    for (const row of rows) {
      const told = operation(name, row)
      const item = { ...found[row.path], [row.method]: told }
      for (const verb of row.also ?? [])
        item[verb] = { ...told, operationId: `${told.operationId}By${capital(verb)}` }
      found[row.path] = item
    }
  return found
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

const operation = (tag: string, row: Row) => {
  const { operationId, summary, description, security, query, headers, body, replies } = row
  const parameters = [...parametersIn('query', query), ...parametersIn('header', headers)]
  return {
    tags: [tag],
    operationId,
    summary,
    description,
    security,
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: content([body]) } }),
    responses: mapped(replies, (reply) =>
      typeof reply === 'string' ? { $ref: `#/components/responses/${reply}` } : response(reply),
    ),
  }
}

const parametersIn = (where: 'query' | 'header', schema: z.core.$ZodObject | undefined) => {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = toJson(schema)
  return Object.entries(properties).map(([name, schema]) => {
    const { description, ...rest } = schema as { description?: string }
    return { name, in: where, required: required.includes(name), description, schema: rest }
  })
}

const response = ({ description, headers, maybe = [], content: bodies, errors }: Reply) => ({
  description,
  ...(headers && {
    headers: Object.fromEntries(
      headers.map((name) => [
        name,
        maybe.includes(name) ? header(name, false) : { $ref: `#/components/headers/${name}` },
      ]),
    ),
  }),
  ...(bodies && { content: content(bodies, errors) }),
})

const content = (bodies: readonly Body[], errors?: readonly string[]) =>
  Object.fromEntries(
    bodies.map(({ type, schema, example }) => [
      type,
      { schema: { ...ref(schema), ...(errors && only(errors)) }, example },
    ]),
  )

/** Beside a reference: JSON Schema 2020-12 takes both. */
const only = (errors: readonly string[]) => ({ properties: { error: { enum: errors } } })

const header = (name: HeaderName, required: boolean) => {
  const { description, pattern, example } = HEADERS[name]
  return { description, required, schema: { type: 'string', pattern }, example }
}

const ref = (schema: Schema) => {
  const id = NAMED.get(schema)?.id
  if (id === undefined) throw new Error('a schema of a route has no name')
  return { $ref: at(id) }
}

const at = (id: string): string => `#/components/schemas/${id}`

const schemas = () =>
  mapped(
    z.toJSONSchema(NAMED, { ...OPTIONS, uri: at }).schemas,
    ({ $schema, $id, ...rest }) => rest,
  )

/** Requests as they are sent. Answers have no defaults or transforms, so they read the same both ways. */
const OPTIONS = {
  io: 'input',
  target: 'draft-2020-12',
  // What JavaScript's numbers can hold is no limit of ours.
  override: ({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }) => {
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
    // The format says it shorter.
    if (jsonSchema.format === 'date-time') delete jsonSchema.pattern
  },
} as const

const mapped = <K extends string | number, T, U>(
  record: Readonly<Record<K, T>>,
  by: (value: T, name: K) => U,
): Record<K, U> =>
  Object.fromEntries(
    Object.entries<T>(record).map(([name, value]) => [name, by(value, name as K)]),
  ) as Record<K, U>
