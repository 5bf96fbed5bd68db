/** What the pages of one version of the API are made of: all of it from the registry. */

import type { FaultCode } from '../../shared/domain/fault.ts'
import { jsonSchema } from '../../shared/domain/schema.ts'
import { CURRENT, isAtLeast, type Version } from '../../shared/domain/versions.ts'
import { METHODS } from '../../shared/methods/index.ts'
import type { Method } from '../../shared/rpc/method.ts'
import { ofVersion, type Schema } from './of-version.ts'
import { type OpenRpc, openRpc } from './openrpc.ts'
import { EXAMPLES, type Example, TALKS, type Talk } from './recorded.ts'
import { faultsOf, RULES, type Rule } from './texts/errors.ts'

export const ROOT = '/api/docs/'

type Param = { readonly name: string; readonly schema: Schema; readonly required: boolean }

/** What the registry says of a method, as a version has it. */
export type MethodDocs = Omit<Method, 'params' | 'result' | 'row' | 'run'> & {
  readonly namespace: string
  readonly params: readonly Param[]
  readonly result: Schema
  /** What a query lists, or `get_instance` shows. */
  readonly row: Schema | null
  readonly faults: readonly FaultCode[]
  readonly rules: readonly Rule[]
  readonly example: Example | undefined
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
  const of = EXAMPLES[version]
  const hasScram = isAtLeast(version, 'v26.0.0')
  const document = openRpc(version, METHODS, of)
  const methods = document.methods
    .map(({ name, params, result }): MethodDocs => {
      const method = METHODS.get(name) as Method
      const { run, row, ...facts } = method
      return {
        ...facts,
        namespace: name.slice(0, name.lastIndexOf('.')),
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
