/** What the pages of one version of the API are made of: all of it from the registry. */

import { faultsOf, RULES, type Rule } from '../../shared/docs/errors.ts'
import examples from '../../shared/docs/examples.json' with { type: 'json' }
import { ofVersion, type Schema } from '../../shared/docs/of-version.ts'
import { type Examples, type OpenRpc, openRpc } from '../../shared/docs/openrpc.ts'
import { TALKS, type Talk } from '../../shared/docs/talk.ts'
import type { FaultCode } from '../../shared/domain/fault.ts'
import { jsonSchema } from '../../shared/domain/schema.ts'
import { CURRENT, type Extension, isAtLeast, type Version } from '../../shared/domain/versions.ts'
import { METHODS } from '../../shared/methods/index.ts'
import type { Access, Method } from '../../shared/rpc/method.ts'

export const ROOT = '/api/docs/'

type Param = { readonly name: string; readonly schema: Schema; readonly required: boolean }

export type MethodDocs = {
  readonly name: string
  readonly namespace: string
  readonly summary: string
  readonly access: Access
  readonly since: Version | undefined
  readonly extension: Extension | undefined
  readonly isFilterable: boolean
  /** Whether a device's key may call it, if it takes a login. */
  readonly isForDevices: boolean
  readonly params: readonly Param[]
  readonly result: Schema
  /** What a query lists, or `get_instance` shows. */
  readonly row: Schema | null
  readonly faults: readonly FaultCode[]
  readonly rules: readonly Rule[]
  readonly example: { readonly params: readonly unknown[]; readonly result: unknown } | undefined
}

export type Docs = {
  readonly version: Version
  /** What the paths say: a version, or `current`. */
  readonly base: string
  readonly isAtLeast: (since: Version) => boolean
  readonly openRpc: OpenRpc
  readonly methods: readonly MethodDocs[]
  readonly namespaces: ReadonlyMap<string, readonly MethodDocs[]>
  readonly talk: Talk
}

export const docsOf = (version: Version, folder: string = version): Docs => {
  const of: Examples = examples[version]
  const hasScram = isAtLeast(version, 'v26.0.0')
  const document = openRpc(version, METHODS, of)
  const methods = document.methods
    .map(({ name, params, result }): MethodDocs => {
      const method = METHODS.get(name) as Method
      const { summary, access, since, extension, filterable = false, devices = false, row } = method
      return {
        name,
        namespace: name.slice(0, name.lastIndexOf('.')),
        summary,
        access,
        since,
        extension,
        isFilterable: filterable,
        isForDevices: devices,
        params,
        result: result.schema,
        row: row === undefined ? null : ofVersion(jsonSchema(row, 'output'), version),
        faults: faultsOf(method).filter((code) => code !== 'SCRAM_NOT_IN_PROGRESS' || hasScram),
        rules: (RULES[name] ?? []).filter(([at]) => at !== 'login_data.mechanism' || !hasScram),
        example: of[name],
      }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  return {
    version,
    base: `${ROOT}${folder}/`,
    isAtLeast: (since) => isAtLeast(version, since),
    openRpc: document,
    methods,
    namespaces: byNamespace(methods),
    talk: TALKS[version],
  }
}

export const isCurrent = (version: Version): boolean => version === CURRENT

// ---------------------------------------------------------------------------------------------

const byNamespace = (methods: readonly MethodDocs[]): ReadonlyMap<string, MethodDocs[]> => {
  const groups = new Map<string, MethodDocs[]>()
  for (const method of methods)
    groups.set(method.namespace, [...(groups.get(method.namespace) ?? []), method])
  return groups
}
