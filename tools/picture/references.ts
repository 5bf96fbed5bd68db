/** What a value in a template refers to, across stacks too, and the text in it. */
import type { Assembly, Resource } from '../../local/assembly/assembly.ts'

export const createReferences = ({ resources, outputs }: Assembly) => {
  const exported = new Map(
    Object.entries(outputs).flatMap(([stack, all]) =>
      Object.values(all).flatMap(({ Value, Export }) =>
        Export === undefined
          ? []
          : [[JSON.stringify(Export.Name), { stack, value: Value }] as const],
      ),
    ),
  )

  /** @param stack in whose template the value stands. */
  const all = (value: unknown, stack: string): Resource[] => {
    if (typeof value !== 'object' || value === null) return []
    if (Array.isArray(value)) return value.flatMap((one) => all(one, stack))
    return Object.entries(value).flatMap(([kind, of]) => {
      if (kind === 'Ref') return named(stack, String(of))
      if (kind === 'Fn::GetAtt') return named(stack, Array.isArray(of) ? of[0] : of.split('.')[0])
      if (kind === 'Fn::ImportValue') {
        const found = exported.get(JSON.stringify(of))
        return found === undefined ? [] : all(found.value, found.stack)
      }
      if (kind === 'Fn::GetStackOutput')
        return all(outputs[of.StackName]?.[of.OutputName]?.Value, of.StackName)
      return all(of, stack)
    })
  }

  const named = (stack: string, id: string): Resource[] =>
    resources.filter((one) => one.stack === stack && one.id === id)

  return {
    all,
    /** The first of a type. */
    one: (value: unknown, stack: string, type: string): Resource | undefined =>
      all(value, stack).find((found) => found.type === type),
  }
}

/** The literal text in a value, without what is filled in. */
export const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return ''
  return Object.values(value).map(textOf).join('')
}
