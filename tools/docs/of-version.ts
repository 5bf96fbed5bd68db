/** What of a JSON Schema a version of the API has: members and choices say since when they are there. */
import { isAtLeast, type Version } from '../../shared/domain/versions.ts'

export type Schema = Readonly<Record<string, unknown>>

export const ofVersion = (schema: Schema, version: Version): Schema => {
  const pruned = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, part(key, value, version)]),
  )
  const { properties, required } = pruned as { properties?: Schema; required?: readonly string[] }
  return properties === undefined || required === undefined
    ? pruned
    : { ...pruned, required: required.filter((name) => name in properties) }
}

/** True if a version has what is described so. */
export const isThere = (schema: unknown, version: Version): boolean => {
  if (!isSchema(schema)) return true
  const { 'x-since': since, 'x-until': until } = schema as { [key: string]: Version | undefined }
  return (
    (since === undefined || isAtLeast(version, since)) &&
    (until === undefined || isAtLeast(until, version))
  )
}

// ---------------------------------------------------------------------------------------------

const part = (key: string, value: unknown, version: Version): unknown => {
  if (Array.isArray(value))
    return value
      .filter((one) => isThere(one, version))
      .map((one) => (isSchema(one) ? ofVersion(one, version) : one))
  if (!isSchema(value)) return value
  // Members have names of their own, which may be those of schemas' parts.
  if (key !== 'properties') return ofVersion(value, version)
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => isThere(member, version))
      .map(([name, member]) => [name, ofVersion(member as Schema, version)]),
  )
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
