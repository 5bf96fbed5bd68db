import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { Assembly, Resource } from '../../local/assembly/assembly.ts'
import { DOCUMENT, drawn, withPicture } from '../../tools/picture/document.ts'
import { edgesOf } from '../../tools/picture/edges.ts'
import { mermaid } from '../../tools/picture/mermaid.ts'

test('the picture in docs/architecture.md is that of the templates: npm run picture', async () => {
  const text = await readFile(DOCUMENT, 'utf8')
  expect(text).toBe(withPicture(text, await drawn()))
  // CDK takes its time on a busy machine.
})

const resource = (stack: string, id: string, type: string, properties = {}): Resource => ({
  stack,
  id,
  type,
  properties,
})
const assemblyOf = (actions: string[]): Assembly => ({
  folder: '',
  parameters: {},
  asset: () => undefined,
  outputs: {
    Data: { Out: { Value: { 'Fn::GetAtt': ['Table12345678', 'Arn'] }, Export: { Name: 'table' } } },
  },
  resources: [
    resource('Data', 'Table12345678', 'AWS::DynamoDB::GlobalTable'),
    resource('App', 'Role12345678', 'AWS::IAM::Role'),
    resource('App', 'Check12345678', 'AWS::Lambda::Function', {
      Role: { 'Fn::GetAtt': ['Role12345678', 'Arn'] },
    }),
    resource('App', 'Policy12345678', 'AWS::IAM::Policy', {
      Roles: [{ Ref: 'Role12345678' }],
      PolicyDocument: {
        Statement: [{ Action: actions, Resource: { 'Fn::ImportValue': 'table' } }],
      },
    }),
  ],
})

test('what a function may do to a table in another stack is one arrow', () => {
  const edges = edgesOf(assemblyOf(['dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:PutItem']))
  expect(mermaid(edges, new Set(['App']))).toBe(
    [
      'flowchart LR',
      '  subgraph App ["App"]',
      '    App_Check["Check<br/>Lambda"]',
      '  end',
      '  subgraph Data ["Data, with an edge"]',
      '    Data_Table[("Table<br/>DynamoDB")]',
      '  end',
      '  App_Check -->|"reads, writes"| Data_Table',
    ].join('\n'),
  )
})

test('a permission that has no word is no silent gap', () => {
  expect(() => edgesOf(assemblyOf(['dynamodb:Scan']))).toThrow('no word for dynamodb:Scan')
})

test('a document without the markers is not written over', () => {
  expect(() => withPicture('# Architecture\n', 'flowchart LR')).toThrow('no part "picture"')
})
