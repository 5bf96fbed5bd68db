/** CloudFormation's references, as they are answered on one machine. */
import { describe, expect, it } from 'vitest'
import { createResolver } from '../../../local/assembly/resolve.ts'
import { assemblyOf, WORLD } from './kit.ts'

/** A place in a Fn::Sub. */
const hole = (name: string): string => `\${${name}}`

const resolver = async () =>
  createResolver(
    await assemblyOf({
      Data: {
        Resources: {
          Table1: { Type: 'AWS::DynamoDB::GlobalTable' },
          Key1: { Type: 'AWS::KMS::Key' },
          Key2: { Type: 'AWS::KMS::Key' },
          Alias1: { Type: 'AWS::KMS::Alias', Properties: { AliasName: 'alias/mine' } },
        },
        Outputs: {
          TableName: { Value: { Ref: 'Table1' } },
          KeyArn: {
            Value: { 'Fn::GetAtt': ['Key1', 'Arn'] },
            Export: { Name: { 'Fn::Sub': `${hole('AWS::StackName')}:KeyArn` } },
          },
        },
      },
      Service: {
        Resources: {
          Socket1: { Type: 'AWS::Lambda::Function' },
          Named1: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'mine' } },
          Api1: { Type: 'AWS::ApiGatewayV2::Api' },
          Queue1: { Type: 'AWS::SQS::Queue' },
        },
        Parameters: { Level: { Type: 'String', Default: '6' } },
      },
    }),
    WORLD,
  )

describe('a reference', () => {
  it.each([
    ['plain', 'plain'],
    [7, 7],
    [{ Ref: 'AWS::Region' }, 'eu-west-1'],
    [{ Ref: 'AWS::AccountId' }, '000000000000'],
    [{ Ref: 'AWS::StackName' }, 'Service'],
    [{ Ref: 'AWS::NoValue' }, undefined],
    [{ Ref: 'Level' }, '6'],
    [{ Ref: 'Socket1' }, 'Service-Socket1'],
    [{ Ref: 'Named1' }, 'mine'],
    [
      { 'Fn::GetAtt': ['Socket1', 'Arn'] },
      'arn:aws:lambda:eu-west-1:000000000000:function:Service-Socket1',
    ],
    [{ 'Fn::GetAtt': 'Named1.Arn' }, 'arn:aws:lambda:eu-west-1:000000000000:function:mine'],
    [
      { 'Fn::Join': ['', ['https://', { Ref: 'Api1' }, '.x/', { Ref: 'Level' }]] },
      'https://Api1.x/6',
    ],
    [
      { 'Fn::Sub': `${hole('Level')}-${hole('Named1.Arn')}-${hole('!Level')}` },
      /^6-arn:.*:mine-\$\{Level\}$/,
    ],
    [{ 'Fn::Sub': [`${hole('what')}!`, { what: { Ref: 'Level' } }] }, '6!'],
    [{ 'Fn::ImportValue': 'Data:KeyArn' }, WORLD.kmsKey],
    [{ 'Fn::GetStackOutput': { StackName: 'Data', OutputName: 'TableName' } }, 'keys'],
    [{ deep: [{ Ref: 'Level' }] }, { deep: ['6'] }],
  ])('%j is answered', async (given, expected) => {
    const resolved = (await resolver()).resolve(given, 'Service')
    if (expected instanceof RegExp) expect(resolved).toMatch(expected)
    else expect(resolved).toEqual(expected)
  })

  it('is looked up in its own stack', async () => {
    const { resolve } = await resolver()
    expect(resolve({ Ref: 'Alias1' }, 'Data')).toBe('alias/mine')
    expect(() => resolve({ Ref: 'Alias1' }, 'Service')).toThrow(
      'there is no Alias1 in the stack Service',
    )
  })

  it.each([
    [{ Ref: 'Queue1' }, 'this machine has nothing for Ref of Queue1 (AWS::SQS::Queue)'],
    [{ 'Fn::GetAtt': ['Api1', 'Colour'] }, 'nothing for Colour of Api1'],
    [{ 'Fn::ImportValue': 'Data:Nothing' }, 'no stack exports Data:Nothing'],
    [
      { 'Fn::GetStackOutput': { StackName: 'Data', OutputName: 'X' } },
      'the stack Data has no output X',
    ],
    [{ 'Fn::Cidr': [] }, "Fn::Cidr isn't understood here"],
    [
      '{{resolve:secretsmanager:edge:SecretString:::}}',
      "a dynamic reference can't be followed without AWS",
    ],
    [
      { 'Fn::Join': ['', ['{{resolve:', 'secretsmanager:edge}}']] },
      "a dynamic reference can't be followed without AWS",
    ],
  ])('%j is refused, with the reason', async (given, message) => {
    const { resolve } = await resolver()
    expect(() => resolve(given, 'Service')).toThrow(message)
  })

  it('to a second table or key is refused: here there is one', async () => {
    const { resolve } = await resolver()
    resolve({ Ref: 'Key1' }, 'Data')
    expect(() => resolve({ Ref: 'Key2' }, 'Data')).toThrow('this machine has one KMS key')
  })
})
