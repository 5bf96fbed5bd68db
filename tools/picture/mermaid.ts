/** Edges as a Mermaid flowchart: stacks as boxes, all that one does to another on one arrow. */
import { ALARM, type Edge, type Node, TABLE } from './edges.ts'

/** @param always stacks that every deployment has. */
export const mermaid = (edges: readonly Edge[], always: ReadonlySet<string>): string => {
  const nodes = new Map(edges.flatMap(({ from, to }) => [from, to]).map((one) => [idOf(one), one]))
  const inside = grouped([...nodes.values()], ({ stack }) => stack)
  const boxes = [...inside].flatMap(([stack, members]) =>
    stack === null
      ? members.map(shape)
      : [
          `subgraph ${stack} ["${stack}${always.has(stack) ? '' : ', with an edge'}"]`,
          ...members.map((one) => `  ${shape(one)}`),
          'end',
        ],
  )
  const arrows = grouped(edges, ({ from, to, rare }) => [idOf(from), idOf(to), !!rare].join())
  const lines = [...arrows.values()].flatMap((same) => {
    const [{ from, to, rare } = {}] = same
    if (from === undefined || to === undefined) return []
    const label = [...new Set(same.map((one) => one.label))].filter(Boolean).join(', ')
    const arrow = rare ? '-.->' : '-->'
    return [`${idOf(from)} ${arrow}${label && `|"${label}"|`} ${idOf(to)}`]
  })
  return ['flowchart LR', ...[...boxes, ...lines].map((line) => `  ${line}`)].join('\n')
}

// ---------------------------------------------------------------------------------------------

const grouped = <T, K>(all: readonly T[], by: (one: T) => K): Map<K, T[]> => {
  const groups = new Map<K, T[]>()
  for (const one of all) groups.set(by(one), [...(groups.get(by(one)) ?? []), one])
  return groups
}

/** Two stacks may each have one of a name. */
const idOf = ({ stack, name }: Node): string => (stack === null ? name : `${stack}_${name}`)

const shape = (node: Node): string => {
  const text = `${node.name}<br/>${KINDS[node.type] ?? node.type}`
  if (node.stack === null) return `${idOf(node)}(["${text}"])`
  return node.type === TABLE ? `${idOf(node)}[("${text}")]` : `${idOf(node)}["${text}"]`
}

const KINDS: Readonly<Record<string, string>> = {
  [TABLE]: 'DynamoDB',
  [ALARM]: 'CloudWatch',
  'AWS::ApiGatewayV2::Api': 'API Gateway',
  'AWS::Lambda::Function': 'Lambda',
  'AWS::Scheduler::Schedule': 'EventBridge Scheduler',
  'AWS::SQS::Queue': 'SQS',
  'AWS::KMS::Key': 'KMS',
  'AWS::CloudFront::Distribution': 'CloudFront',
  'AWS::CloudFront::Function': 'CloudFront function',
  'AWS::WAFv2::WebACL': 'WAF',
  'AWS::S3::Bucket': 'S3',
  'AWS::SNS::Topic': 'SNS',
  email: 'by e-mail',
}
