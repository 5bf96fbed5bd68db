/** The OpenAPI document: of one piece, and of all routes. That answers are as it says, the next file tests. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import pkg from '../../package.json' with { type: 'json' }
import { VERSION_NAMES } from '../../shared/domain/versions.ts'
import { openApi } from '../../shared/http/openapi/document.ts'
import { type Rig, startRig } from '../kit/service.ts'
import { routesOf } from './kit.ts'
import { checkerOf, eachOperation, type Json, sent } from './openapi-kit.ts'

let rig: Rig
beforeAll(async () => {
  rig = await startRig({
    KEYHARBOR_OPERATOR_JWKS_URL: 'http://127.0.0.1:9/',
    KEYHARBOR_OPERATOR_ISSUER: 'https://issuer.example',
  })
})
afterAll(() => rig.close())

// As it is served: what is undefined isn't there.
const document: Json = JSON.parse(JSON.stringify(openApi('https://keys.example')))
const operations = eachOperation(document)
const checker = checkerOf(document)

/** All values of a member of this name, wherever it stands. */
const allOf = (value: unknown, name: string): unknown[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, part]) => [
        ...(key === name ? [part] : []),
        ...allOf(part, name),
      ])

const at = (pointer: string): unknown =>
  pointer
    .slice(2)
    .split('/')
    .reduce<unknown>((value, step) => (value as Json | undefined)?.[step], document)

describe('the OpenAPI document', () => {
  it('has every route of the router, and no other', () => {
    const routes = routesOf(rig.service)
    expect(
      operations.map(({ method, path }) => `${method} ${path}`).sort(),
      'describe each route of shared/http/app.ts in shared/http/openapi/',
    ).toEqual([...new Set(routes.map(({ method, path }) => `${method} ${path}`))].sort())
  })

  it('refers to what is there, and has nothing that isn’t referred to', () => {
    const refs = allOf(document, '$ref') as string[]
    const missing = refs.filter((ref) => at(ref) === undefined)
    expect(missing, 'add what these name to the components in shared/http/openapi/').toEqual([])
    const { schemas, responses, headers } = document.components as Record<string, Json>
    for (const [kind, parts] of Object.entries({ schemas, responses, headers }))
      for (const name of Object.keys(parts ?? {}))
        if (!['Keyharbor-Username', 'Keyharbor-Error'].includes(name))
          expect(refs, name).toContain(`#/components/${kind}/${name}`)
  })

  it('names each operation once, says what it is, and who may', () => {
    const { securitySchemes = {} } = document.components as Record<string, Json>
    const names = operations.map(({ operation }) => operation.operationId)
    expect(new Set(names).size).toBe(operations.length)
    const tags = (document.tags as { name: string }[]).map(({ name }) => name)
    for (const { path, operation } of operations) {
      expect(operation.summary, path).toMatch(/^[A-Z].*[^.]$/)
      expect(operation.description, path).toMatch(/^[A-Z].*\.$/s)
      for (const tag of operation.tags as string[]) expect(tags, path).toContain(tag)
      for (const name of (operation.security as Json[]).flatMap(Object.keys))
        expect(securitySchemes, path).toHaveProperty(name)
    }
  })

  it('has examples that keep to its own schemas', () => {
    const bodies = operations.flatMap(({ path, operation }) => [
      ...(operation.requestBody ? [{ path, content: operation.requestBody as Json }] : []),
      ...Object.values(operation.responses as Json).map((reply) => ({
        path,
        content: checker.resolve(reply as Json),
      })),
    ])
    let examples = 0
    for (const { path, content } of bodies)
      for (const [type, { schema, example }] of Object.entries(
        (content.content ?? {}) as Record<string, { schema: Json; example: unknown }>,
      )) {
        examples++
        expect(checker.mistakes(schema, example), `${path} ${type}`).toEqual([])
      }
    expect(examples).toBeGreaterThan(20)
    for (const { schema, example } of Object.values(
      (document.components as { headers: Record<string, { schema: Json; example: string }> })
        .headers,
    ))
      expect(checker.mistakes(schema, example)).toEqual([])
  })

  it('has nothing in it that could be taken for a key', () => {
    expect(JSON.stringify(document)).not.toMatch(/[0-9A-Za-z]{40}/)
  })

  it('says what is missing in a wrong answer: the check checks', () => {
    const ref = { $ref: '#/components/schemas/Introspection' }
    expect(checker.mistakes(ref, { active: false })).toEqual([])
    expect(checker.mistakes(ref, { active: false, why: 'revoked' })).not.toEqual([])
    expect(checker.mistakes(ref, { active: true })).not.toEqual([])
  })
})

it('GET /api/versions lists every name of every version', async () => {
  const reply = await sent(rig.service, 'GET', '/api/versions', {})
  expect(await reply.json()).toEqual(VERSION_NAMES)
})

describe('GET /openapi.json', () => {
  it('serves it, with the version of the package and where it was asked for, to be kept a while', async () => {
    const reply = await sent(rig.service, 'GET', '/openapi.json', {})
    expect(reply.status).toBe(200)
    expect(reply.headers.get('cache-control')).toBe('private, max-age=900')
    expect(await reply.json()).toEqual(document)
    expect(document).toMatchObject({
      openapi: '3.1.1',
      info: { version: pkg.version },
      servers: [{ url: 'https://keys.example' }],
    })
  })
})
