/**
 * The API as an OpenRPC document (https://spec.open-rpc.org), one for each version, from the registry:
 * what isn't registered can't be in it, and what is can't be left out.
 */

import { EVENTS } from '../../shared/domain/events.ts'
import { ERRNO, FAULTS } from '../../shared/domain/fault.ts'
import { jsonSchema } from '../../shared/domain/schema.ts'
import { isAtLeast, namesOf, type Version } from '../../shared/domain/versions.ts'
import { isOpen, type Method } from '../../shared/rpc/method.ts'
import { ofVersion } from './of-version.ts'
import type { Example, Examples } from './recorded.ts'

/** @param examples of that version; a method may have none. */
export const openRpc = (
  version: Version,
  methods: ReadonlyMap<string, Method>,
  examples: Examples = {},
) => {
  const known = [...methods.values()].filter(
    ({ since }) => since === undefined || isAtLeast(version, since),
  )
  return {
    openrpc: '1.3.2',
    info: {
      title: 'Keyharbor',
      description:
        'User-linked API keys for fleets of NAS systems: the TrueNAS JSON-RPC 2.0 API over WebSocket. Parameters are by position. Dates are {"$date": milliseconds}.',
      version: version.slice(1),
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: namesOf(version).map((name) => ({
      name,
      // OpenRPC's own way to name a variable.
      url: `wss://\${host}/api/${name}`,
      variables: { host: { default: '127.0.0.1:8443', description: 'Where the service is' } },
    })),
    methods: known.map((method) => describe(method, version, examples[method.name])),
    /** OpenRPC has no events: what `core.subscribe` takes, and `collection_update` brings. */
    'x-events': EVENTS.map(({ name, summary, roles, extension }) => ({
      name,
      summary,
      roles,
      'x-extension': extension,
    })),
  }
}

export type OpenRpc = ReturnType<typeof openRpc>

// ---------------------------------------------------------------------------------------------

const describe = (method: Method, version: Version, example: Example | undefined) => {
  const { name, summary, params, result, access, extension, filterable = false } = method
  const described = Object.entries(params).map(([param, schema]) => ({
    name: param,
    schema: ofVersion(jsonSchema(schema, 'input'), version),
    required: !schema.safeParse(undefined).success,
  }))
  return {
    name,
    summary,
    tags: [{ name: name.slice(0, name.lastIndexOf('.')) }],
    paramStructure: 'by-position',
    params: described,
    result: { name: 'result', schema: ofVersion(jsonSchema(result, 'output'), version) },
    errors: errorsOf(method),
    ...(example && {
      examples: [
        {
          name: `${name} once`,
          params: example.params.map((value, at) => ({
            name: described[at]?.name ?? String(at),
            value,
          })),
          result: { name: 'result', value: example.result },
        },
      ],
    }),
    /** Any of these; none: who is logged in, or anybody (`x-open`). */
    'x-roles': typeof access === 'string' ? [] : [...access],
    'x-open': isOpen(access),
    /** Not of TrueNAS's API; `since` is the release of Keyharbor that brought it. */
    'x-extension': extension,
    /** The first two parameters are query filters and options. */
    'x-filterable': filterable,
  }
}

/** What every method of its kind may answer; OpenRPC has one entry for each code. */
const errorsOf = ({ access, params }: Method) => {
  const open = isOpen(access)
  const causes = [
    ...(open ? [] : (['NOT_AUTHENTICATED', 'SESSION_EXPIRED'] as const)),
    ...(Array.isArray(access) ? (['NOT_AUTHORIZED'] as const) : []),
    ...(access === 'anybody' ? (['RATE_LIMITED'] as const) : []),
    'UNAVAILABLE' as const,
    'INTERNAL' as const,
  ]
  return [
    ...(Object.keys(params).length > 0
      ? [{ code: FAULTS.INVALID.rpc, message: FAULTS.INVALID.text }]
      : []),
    {
      code: FAULTS.INTERNAL.rpc,
      message: 'Method call error',
      data: causes.map((cause) => {
        const { errno, text } = FAULTS[cause]
        return { errname: errno, error: ERRNO[errno], reason: text }
      }),
    },
  ]
}
