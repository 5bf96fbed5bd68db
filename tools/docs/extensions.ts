/** Parameters that are ours, as the schemas say it. */
import { ofVersion, type Schema } from '../../shared/docs/of-version.ts'
import type { Method } from '../../shared/rpc/method.ts'
import { jsonSchema } from '../../shared/rpc/schema.ts'
import type { Version } from '../../shared/rpc/versions.ts'

export type Extension = {
  readonly method: string
  /** Path of the member: `api_key_update.grace_seconds`. */
  readonly member: string
  readonly description: string
}

export const extensionsOf = (methods: readonly Method[], version: Version): Extension[] =>
  methods.flatMap(({ name: method, params }) =>
    Object.entries(params).flatMap(([param, schema]) =>
      ours(ofVersion(jsonSchema(schema, 'input'), version), param).map((found) => ({
        method,
        ...found,
      })),
    ),
  )

// ---------------------------------------------------------------------------------------------

const ours = (schema: Schema, path: string): Omit<Extension, 'method'>[] => {
  if (schema['x-extension'] === true)
    return [{ member: path, description: String(schema.description ?? '') }]
  const members = Object.entries((schema.properties ?? {}) as Record<string, Schema>)
  return members.flatMap(([name, member]) => ours(member, `${path}.${name}`))
}
