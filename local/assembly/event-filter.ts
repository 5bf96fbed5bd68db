/** Lambda's event filtering (AWS: "Filter rule syntax"), as far as a stream's patterns need it. */
import { UserError } from '../user-error.ts'

type Rule = (value: unknown) => boolean

/** @returns whether an event fits one of the patterns; without patterns all do.
 * @throws UserError for a rule that isn't known here. */
export const createFilter = (patterns: readonly unknown[]): ((event: unknown) => boolean) => {
  const rules = patterns.map(compiled)
  return (event) => rules.length === 0 || rules.some((rule) => rule(event))
}

// ---------------------------------------------------------------------------------------------

/** A list holds alternatives for a value; an object says it for each of its fields. */
const compiled = (pattern: unknown): Rule => {
  if (Array.isArray(pattern)) {
    const alternatives = pattern.map(alternative)
    return (value) => alternatives.some((fits) => fits(value))
  }
  if (typeof pattern !== 'object' || pattern === null)
    throw new UserError(`a filter pattern has ${JSON.stringify(pattern)} where a list must be`)
  const fields = Object.entries(pattern).map(([name, part]) => [name, compiled(part)] as const)
  return (value) => fields.every(([name, fits]) => fits(fieldOf(value, name)))
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined

const alternative = (given: unknown): Rule => {
  if (typeof given !== 'object' || given === null) return (value) => value === given
  const [[kind, of] = ['', undefined]] = Object.entries(given)
  switch (kind) {
    case 'prefix':
      return (value) => typeof value === 'string' && value.startsWith(String(of))
    case 'suffix':
      return (value) => typeof value === 'string' && value.endsWith(String(of))
    case 'exists':
      return (value) => (value !== undefined) === of
    case 'anything-but':
      return (value) => value !== undefined && ![of].flat().includes(value)
    default:
      throw new UserError(`the filter rule "${kind}" isn't known here`)
  }
}
