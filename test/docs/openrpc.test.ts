import { join } from 'node:path'
import jsonMetaSchema from '@json-schema-tools/meta-schema'
import metaSchema from '@open-rpc/meta-schema'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { namesOf, VERSIONS } from '../../shared/domain/versions.ts'
import { METHODS } from '../../shared/methods/index.ts'
import type { Method } from '../../shared/rpc/method.ts'
import { openRpc } from '../../tools/docs/openrpc.ts'
import { EXAMPLES } from '../../tools/docs/recorded.ts'
import { filesLike, ROOT } from './citations.ts'

const ajv = new Ajv({ strict: false, validateSchema: false, allErrors: true, logger: false })
ajv.addSchema(jsonMetaSchema, 'https://meta.json-schema.tools')
const isOpenRpc = ajv.compile(metaSchema)

describe.each(VERSIONS)('the OpenRPC document of %s', (version) => {
  const document = openRpc(version, METHODS, EXAMPLES[version])

  it('is one by the real meta-schema', () => {
    // As it is served: what is undefined isn't there.
    isOpenRpc(JSON.parse(JSON.stringify(document)))
    expect(isOpenRpc.errors ?? []).toEqual([])
  })

  it('says where it is spoken: under every name of the version', () => {
    expect(document.servers.map(({ url }) => url)).toEqual(
      namesOf(version).map((name) => `wss://\${host}/api/${name}`),
    )
  })

  it('has every method of the version, once', () => {
    const names = document.methods.map(({ name }) => name)
    const known = [...METHODS.values()].filter(
      ({ since }) => since === undefined || VERSIONS.indexOf(since) <= VERSIONS.indexOf(version),
    )
    expect(names).toEqual(known.map(({ name }) => name))
    expect(new Set(names).size).toBe(names.length)
  })

  it('has an example of each, whose parameters are called what they are', () => {
    for (const { name, params, examples: shown = [] } of document.methods) {
      expect(
        shown,
        `${name}: give it a step in test/docs/story.ts, then npm run examples`,
      ).toHaveLength(1)
      const named = shown.flatMap((one) => one.params.map((param) => param.name))
      expect(named, name).toEqual(params.map((param) => param.name).slice(0, named.length))
    }
  })

  it('says of each who may call it', () => {
    for (const method of document.methods) {
      const reasons = method.errors.flatMap(({ data = [] }) => data.map(({ reason }) => reason))
      expect(reasons.includes('Not authenticated'), method.name).toBe(!method['x-open'])
      expect(reasons.includes('Not authorized'), method.name).toBe(method['x-roles'].length > 0)
    }
  })
})

it('has the methods of every file', async () => {
  for (const file of filesLike('shared/methods/*.ts')) {
    const exported = Object.values(await import(join(ROOT, file)))
    for (const one of exported as Partial<Method>[])
      if (one.name !== undefined && one.run !== undefined)
        expect(METHODS.get(one.name), `list ${file} in shared/methods/index.ts`).toBe(one)
  }
})

it('is refused when it is none: the check checks', () => {
  expect(isOpenRpc({ openrpc: '1.3.2', info: {}, methods: [{ name: 'no params' }] })).toBe(false)
})
