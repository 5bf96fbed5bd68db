/** Reading an OpenAPI document, and holding answers against it. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import { createCheckApp, createMainApp } from '../../shared/http/app.ts'
import type { Checks } from '../../shared/http/context.ts'
import { CHECK_PATHS } from '../../shared/http/paths.ts'

export type Json = Readonly<Record<string, unknown>>

export type Operation = { readonly method: string; readonly path: string; readonly operation: Json }

export const eachOperation = (document: Json): readonly Operation[] =>
  Object.entries(document.paths as Record<string, Record<string, Json>>).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  )

/** Holds values against schemas of a document. Members that it doesn't name are mistakes here, though
 * clients are told to expect them. */
export const checkerOf = (document: Json) => {
  const components = document.components as Record<string, Json>
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
  const closed = { components: { schemas: close(components.schemas) } }
  ajv.addSchema({ ...closed, $id: 'https://document.example/openapi.json' })
  const mistakes = (schema: Json, value: unknown): readonly string[] => {
    const check = ajv.compile({ ...absolute(schema) })
    return check(value) ? [] : (check.errors ?? []).map((e) => `${e.instancePath} ${e.message}`)
  }
  const resolve = (part: Json): Json => {
    const [, kind = '', name = ''] = /^#\/components\/(\w+)\/(.+)$/.exec(String(part.$ref)) ?? []
    return part.$ref === undefined ? part : (components[kind]?.[name] as Json)
  }
  return {
    mistakes,
    /** What a reference stands for. */
    resolve,
    /** What of a real answer isn't as its operation says. */
    async mistakesOf({ operation }: Operation, reply: Response): Promise<readonly string[]> {
      const told = (operation.responses as Record<string, Json>)[reply.status]
      if (told === undefined) return [`status ${reply.status} is not told`]
      const { content = {}, headers = {} } = resolve(told) as Told
      return [
        ...(await ofBody(reply, content, mistakes)),
        ...ofHeaders(
          reply,
          Object.entries(headers).map(([name, header]) => [name, resolve(header) as Header]),
          mistakes,
        ),
      ]
    },
  }
}

type Sent = {
  readonly headers?: Readonly<Record<string, string>>
  readonly form?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly proto?: string
}

/** Sends a request to whichever app has the path. */
export const sent = async (
  service: Checks,
  method: string,
  path: string,
  { headers = {}, form, json, proto = 'https' }: Sent,
): Promise<Response> => {
  const { pathname } = new URL(path, 'https://keys.example')
  const isCheck = (CHECK_PATHS as readonly string[]).includes(pathname)
  const app = isCheck ? createCheckApp(service) : createMainApp(service)
  const body = form ? new URLSearchParams(form) : json === undefined ? null : JSON.stringify(json)
  const request = new Request(`https://keys.example${path}`, { method, headers, body })
  return app.fetch(request, { address: '192.0.2.1', secure: proto === 'https' })
}

// ---------------------------------------------------------------------------------------------

type Header = { readonly required: boolean; readonly schema: Json }
type Told = {
  readonly content?: Readonly<Record<string, { schema: Json }>>
  readonly headers?: Readonly<Record<string, Json>>
}
type Mistakes = (schema: Json, value: unknown) => readonly string[]

/** Headers of any answer: not told of each. */
const USUAL = ['access-control-allow-origin', 'cache-control', 'content-type', 'pragma']

const ofBody = async (
  reply: Response,
  content: NonNullable<Told['content']>,
  mistakes: Mistakes,
): Promise<readonly string[]> => {
  const text = await reply.text()
  const [type = ''] = (reply.headers.get('content-type') ?? '').split(';')
  if (text === '') return Object.keys(content).length > 0 ? ['there is no body'] : []
  const { schema } = content[type] ?? {}
  if (schema === undefined) return [`a body of type ${type} is not told`]
  return mistakes(schema, /json/.test(type) ? JSON.parse(text) : text)
}

const ofHeaders = (
  { headers }: Response,
  told: readonly (readonly [name: string, header: Header])[],
  mistakes: Mistakes,
): readonly string[] => {
  const names = told.map(([name]) => name.toLowerCase())
  const untold = [...headers.keys()].filter((name) => ![...USUAL, ...names].includes(name))
  return [
    ...untold.map((name) => `the header ${name} is not told`),
    ...told.flatMap(([name, { required, schema }]) => {
      const value = headers.get(name)
      if (value === null) return required ? [`the header ${name} is missing`] : []
      return mistakes(schema, value).map((text) => `${name} ${text}`)
    }),
  ]
}

/** References out of a part of the document lead into the document. */
const absolute = ({ $ref, ...rest }: Json): Json => ({
  ...rest,
  ...(typeof $ref === 'string' && { $ref: `https://document.example/openapi.json${$ref}` }),
})

const close = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(close)
  if (typeof schema !== 'object' || schema === null) return schema
  const parts = Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, close(part)]))
  const isOpen = schema && 'type' in schema && 'properties' in schema
  return isOpen ? { additionalProperties: false, ...parts } : parts
}
