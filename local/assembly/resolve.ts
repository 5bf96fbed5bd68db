/**
 * CloudFormation's references, answered as a deployment on this machine: by what they refer to, across
 * stacks too. What can't be answered is said, and never guessed.
 */
import { UserError } from '../user-error.ts'
import type { Assembly } from './assembly.ts'
import { ACCOUNT, createFacts, type World } from './facts.ts'

export const createResolver = (assembly: Assembly, world: World) => {
  const { region } = world
  const facts = createFacts(world, (value, stack, what) => text(value, stack, what))
  const pseudo: Readonly<Record<string, string>> = {
    'AWS::Region': region,
    'AWS::AccountId': ACCOUNT,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
  }

  const attribute = (stack: string, id: string, name: string): unknown => {
    if (name === 'Ref' && Object.hasOwn(pseudo, id)) return pseudo[id]
    if (name === 'Ref' && id === 'AWS::StackName') return stack
    const parameter = name === 'Ref' ? assembly.parameters[stack]?.[id] : undefined
    if (parameter !== undefined) return parameter
    const resource = assembly.resources.find((one) => one.stack === stack && one.id === id)
    if (resource === undefined) throw new UserError(`there is no ${id} in the stack ${stack}`)
    const fact = facts[resource.type]?.(resource)[name]
    if (fact === undefined)
      throw new UserError(`this machine has nothing for ${name} of ${id} (${resource.type})`)
    return fact
  }

  const substituted = (given: unknown, stack: string): string => {
    const [pattern, values] = Array.isArray(given) ? given : [given, {}]
    return String(pattern).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal !== '') return `\${${name}}`
      if (Object.hasOwn(values, name)) return text(values[name], stack, name)
      const [id = '', ...path] = name.split('.')
      return String(attribute(stack, id, path.join('.') || 'Ref'))
    })
  }

  const imported = (name: string): unknown => {
    for (const [stack, outputs] of Object.entries(assembly.outputs))
      for (const { Value, Export } of Object.values(outputs))
        if (Export?.Name !== undefined && text(Export.Name, stack, 'name of an export') === name)
          return resolve(Value, stack)
    throw new UserError(`no stack exports ${name}`)
  }

  const outputOf = (stack: string, name: string): unknown => {
    const output = assembly.outputs[stack]?.[name]
    if (output === undefined) throw new UserError(`the stack ${stack} has no output ${name}`)
    return resolve(output.Value, stack)
  }

  /** @param stack in whose template the value stands. @throws UserError for what has no meaning here. */
  const resolve = (value: unknown, stack: string): unknown => {
    if (typeof value === 'string' && value.includes('{{resolve:'))
      throw new UserError(`a dynamic reference can't be followed without AWS: ${value}`)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map((one) => resolve(one, stack))
    const [[kind, of] = ['', undefined], ...rest] = Object.entries(value)
    if (rest.length > 0 || !/^(Ref|Condition|Fn::.+)$/.test(kind))
      return Object.fromEntries(
        Object.entries(value).map(([name, part]) => [name, resolve(part, stack)]),
      )
    switch (kind) {
      case 'Ref':
        if (of === 'AWS::NoValue') return undefined
        return attribute(stack, String(of), 'Ref')
      case 'Fn::GetAtt': {
        const [id = '', ...path] = Array.isArray(of) ? of.map(String) : String(of).split('.')
        return attribute(stack, id, path.join('.'))
      }
      case 'Fn::Join': {
        const [separator, parts] = of as [string, unknown[]]
        return parts.map((part) => text(part, stack, 'part of a Fn::Join')).join(separator)
      }
      case 'Fn::Sub':
        return substituted(of, stack)
      case 'Fn::ImportValue':
        return imported(text(of, stack, 'name of an import'))
      case 'Fn::GetStackOutput': {
        const { StackName, OutputName } = of as Record<string, unknown>
        return outputOf(text(StackName, stack, 'StackName'), text(OutputName, stack, 'OutputName'))
      }
      default:
        throw new UserError(`${kind} isn't understood here`)
    }
  }

  /** What is wanted as text. @param what it is, for the message. */
  const text = (value: unknown, stack: string, what: string): string => {
    const resolved = resolve(value, stack)
    if (typeof resolved === 'object' || resolved === undefined)
      throw new UserError(`the ${what} is no text: ${JSON.stringify(value)}`)
    return String(resolved)
  }

  return { resolve, text, attribute }
}

export type Resolver = ReturnType<typeof createResolver>
