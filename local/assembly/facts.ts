/** What the resources of a deployment are on this machine: names and ARNs, by type and attribute. */
import { UserError } from '../user-error.ts'
import type { Resource } from './assembly.ts'

export const ACCOUNT = '000000000000'

/** What things are called here. */
export type World = {
  readonly region: string
  /** Name of the table. */
  readonly table: string
  /** ARN, id or alias of the wrapping key. */
  readonly kmsKey: string
}

/** `Ref` is what a plain reference gives. */
type Facts = Readonly<Record<string, (resource: Resource) => Readonly<Record<string, string>>>>

/** @param text resolves what a template says of a resource. */
export const createFacts = (
  { region, table, kmsKey }: World,
  text: (value: unknown, stack: string, what: string) => string,
): Facts => {
  /** Where there is one here, functions that mean two would meet in it unseen. */
  const single = (kind: string) => {
    let first: string | undefined
    return ({ id }: Resource): void => {
      first ??= id
      if (id !== first)
        throw new UserError(`${first} and ${id} are both used, and this machine has one ${kind}`)
    }
  }
  const oneTable = single('table')
  const oneKey = single('KMS key')
  const tableFacts = (resource: Resource) => {
    oneTable(resource)
    const arn = `arn:aws:dynamodb:${region}:${ACCOUNT}:table/${table}`
    return { Ref: table, Arn: arn, StreamArn: `${arn}/stream/local` }
  }
  const named = ({ stack, id, properties }: Resource, property: string): string => {
    const name = properties[property]
    return name === undefined ? `${stack}-${id}` : text(name, stack, `name of ${id}`)
  }
  return {
    'AWS::DynamoDB::GlobalTable': tableFacts,
    'AWS::DynamoDB::Table': tableFacts,
    'AWS::KMS::Key': (resource) => {
      oneKey(resource)
      return { Ref: kmsKey, Arn: kmsKey, KeyId: kmsKey }
    },
    'AWS::KMS::Alias': ({ stack, properties }) => ({
      Ref: text(properties.AliasName, stack, 'alias'),
    }),
    'AWS::Lambda::Function': (resource) => {
      const name = named(resource, 'FunctionName')
      return { Ref: name, Arn: `arn:aws:lambda:${region}:${ACCOUNT}:function:${name}` }
    },
    'AWS::Logs::LogGroup': (resource) => ({ Ref: named(resource, 'LogGroupName') }),
    // An id is unique in the assembly, and can be part of a host name.
    'AWS::ApiGatewayV2::Api': ({ id }) => ({ Ref: id, ApiEndpoint: apiUrl(id, region) }),
    'AWS::ApiGatewayV2::Integration': ({ id }) => ({ Ref: id }),
    'AWS::ApiGatewayV2::Stage': ({ stack, properties }) => ({
      Ref: text(properties.StageName, stack, 'name of the stage'),
    }),
  }
}

// ---------------------------------------------------------------------------------------------

/** Address of an API before anything stands in for it. */
const apiUrl = (id: string, region: string): string =>
  `https://${id}.execute-api.${region}.amazonaws.com`
