/**
 * IAM's evaluation of a role's own policy, as far as ours go: allow statements, actions and resources
 * with `*`, and the conditions that `cdk/access.ts` writes. Whatever it doesn't know it refuses to judge.
 * (IAM User Guide, "Policy evaluation logic", "Multivalued context keys".)
 */
import type { Statement } from '../cdk/synth.ts'

/** One request as IAM sees it. Resources are named as `test/cdk/synth.ts` writes them. */
export type Request = {
  readonly action: string
  readonly resource: string
  /** Context keys with their values; one that the service doesn't send is absent. */
  readonly context: Readonly<Record<string, readonly string[]>>
}

export const allows = (statement: Statement, { action, resource, context }: Request): boolean => {
  if (statement.effect !== 'Allow') throw new Error(`a statement says ${statement.effect}`)
  return (
    statement.actions.some((pattern) => like(pattern, action)) &&
    statement.resources.some((pattern) => like(pattern, resource)) &&
    Object.entries(statement.conditions).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) =>
        holds(operator, [values].flat().map(String), context[key]),
      ),
    )
  )
}

/** IAM's wildcards: `*` for anything, `?` for one character. */
export const like = (pattern: string, text: string): boolean => {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(text)
}

// ---------------------------------------------------------------------------------------------

const holds = (
  operator: string,
  wanted: readonly string[],
  given: readonly string[] | undefined,
): boolean => {
  switch (operator) {
    case 'StringEqualsIfExists':
      return given === undefined || given.every((value) => wanted.includes(value))
    case 'StringEquals':
      return given?.length === 1 && wanted.includes(given[0] as string)
    // True of no values too: that is why `Null` stands beside it.
    case 'ForAllValues:StringEquals':
      return (given ?? []).every((value) => wanted.includes(value))
    case 'ForAllValues:StringLike':
      return (given ?? []).every((value) => wanted.some((pattern) => like(pattern, value)))
    case 'Null':
      return wanted.includes(String(given === undefined || given.length === 0))
    default:
      throw new Error(`no idea what ${operator} means: teach test/policy/iam.ts`)
  }
}
