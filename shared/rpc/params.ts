/** Parameters by position → arguments by name, with the texts of docs/protocol/wire.md §1.7 for what is wrong. */
import type * as z from 'zod'
import { ERRNO, Fault, type Violation } from '../domain/fault.ts'

export type Params = Readonly<Record<string, z.ZodType>>
export type Args<P extends Params> = { readonly [K in keyof P]: z.output<P[K]> }

/** @throws Fault INVALID with one violation for each thing that is wrong. */
export const readParams = <P extends Params>(params: P, given: readonly unknown[]): Args<P> => {
  const names = Object.keys(params)
  if (given.length > names.length) {
    const text = `Too many arguments (expected ${names.length}, found ${given.length})`
    throw new Fault('INVALID', {}, { violations: [['', text, ERRNO.EINVAL]] })
  }
  const violations: Violation[] = []
  const args: Record<string, unknown> = {}
  names.forEach((name, at) => {
    const parsed = params[name]?.safeParse(given[at])
    if (parsed?.success) args[name] = parsed.data
    else violations.push(...violationsOf(parsed?.error.issues ?? [], name, given[at]))
  })
  if (violations.length > 0) throw new Fault('INVALID', {}, { violations: some(violations) })
  return args as Args<P>
}

// ---------------------------------------------------------------------------------------------

/** Violations that are listed. Those of 64 kB of unknown members wouldn't fit into an answer. */
const MOST_TOLD = 100

const some = (violations: readonly Violation[]): readonly Violation[] => {
  const left = violations.length - MOST_TOLD
  return left <= 0
    ? violations
    : [...violations.slice(0, MOST_TOLD), violation('', `and ${left} more, which are not listed`)]
}

type Issue = z.core.$ZodIssue

const violationsOf = (issues: readonly Issue[], name: string, given: unknown): Violation[] =>
  issues.flatMap((issue): Violation[] => {
    const path = [name, ...issue.path.map(String)].join('.')
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => violation(`${path}.${key}`, 'Extra inputs are not permitted'))
    if (issue.code === 'invalid_union' && issue.errors.length > 0)
      return issue.errors.flatMap((branch) =>
        violationsOf(branch, path, valueAt(given, issue.path)),
      )
    return [violation(path, textOf(issue, valueAt(given, issue.path)))]
  })

const violation = (attribute: string, text: string): Violation => [
  cut(attribute),
  cut(text),
  ERRNO.EINVAL,
]

/** Cuts long texts of the caller's own. */
const cut = (text: string): string =>
  text.length > LONGEST_TOLD ? `${text.slice(0, LONGEST_TOLD).toWellFormed()}…` : text

const LONGEST_TOLD = 1000

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, step) =>
      inner !== null && typeof inner === 'object' && Object.hasOwn(inner, step)
        ? (inner as Record<PropertyKey, unknown>)[step]
        : undefined,
    value,
  )

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'Input should be a valid string',
  // No parameter takes a fraction: where zod says number, a whole one is meant.
  number: 'Input should be a valid integer',
  int: 'Input should be a valid integer',
  boolean: 'Input should be a valid boolean',
  date: 'Input should be a valid datetime',
  array: 'Input should be a valid list',
  object: 'Input should be a valid dictionary',
  record: 'Input should be a valid dictionary',
}

const textOf = (issue: Issue, value: unknown): string => {
  if (value === undefined && issue.code !== 'custom') return 'Field required'
  switch (issue.code) {
    case 'invalid_type':
      return EXPECTED[issue.expected] ?? `Input should be a valid ${issue.expected}`
    case 'too_small':
      return bound(issue.origin, 'at least', Number(issue.minimum))
    case 'too_big':
      return bound(issue.origin, 'at most', Number(issue.maximum))
    case 'invalid_value':
      return `Input should be ${alternatives(issue.values)}`
    case 'invalid_union':
      return `Input tag ${quoted(value)} found using '${issue.discriminator}' does not match any of the expected tags`
    default:
      return issue.message
  }
}

const bound = (origin: string, which: 'at least' | 'at most', most: number): string => {
  if (origin === 'string')
    return `String should have ${which} ${most} character${most === 1 ? '' : 's'}`
  if (origin === 'array') return `List should have ${which} ${most} item${most === 1 ? '' : 's'}`
  return `Input should be ${which === 'at least' ? 'greater' : 'less'} than or equal to ${most}`
}

const quoted = (value: unknown): string =>
  typeof value === 'string' ? `'${value}'` : String(value)

const alternatives = (values: readonly unknown[]): string => {
  const all = values.map(quoted)
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`
}
