/** Methods as `core.get_methods` describes them, with the members that a genuine server gives (docs/protocol/core.md §8). */
import { encode } from '../domain/ejson.ts'
import { jsonSchema } from '../domain/schema.ts'
import { isOpen, type Method } from '../rpc/method.ts'

/** The description as JSON: made when it is asked for first, and once, as it depends on the method alone. */
export const descriptionOf = (method: Method): string => {
  const known = DESCRIPTIONS.get(method)
  if (known !== undefined) return known
  const made = encode(describe(method))
  DESCRIPTIONS.set(method, made)
  return made
}

// ---------------------------------------------------------------------------------------------

/** As many as there are methods. Converting the schemas of all takes tens of milliseconds. */
const DESCRIPTIONS = new WeakMap<Method, string>()

/** Members without a meaning here have a fixed value. */
const describe = ({ name: _, summary, access, params, result, extension, filterable }: Method) => ({
  description: extension
    ? `${summary} (an extension of Keyharbor, since ${extension.since})`
    : summary,
  cli_description: summary,
  examples: {},
  no_auth_required: isOpen(access),
  no_authz_required: access === 'session',
  cli_private: false,
  filterable: filterable ?? false,
  filterable_schema: null,
  pass_application: false,
  job: null,
  downloadable: false,
  uploadable: false,
  check_pipes: false,
  roles: typeof access === 'string' ? [] : [...access],
  accepts: Object.entries(params).map(([name, schema]) => ({
    ...jsonSchema(schema, 'input'),
    _name_: name,
    _required_: !schema.safeParse(undefined).success,
  })),
  returns: [jsonSchema(result, 'output')],
})
