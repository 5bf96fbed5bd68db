/** JSON as it is read best: indented, in colours, in a box that scrolls by itself. */

type Props = { readonly label: string; readonly value: unknown }

export const Json = ({ label, value }: Props) => (
  <figure class="code">
    <figcaption>{label}</figcaption>
    <pre tabindex={0}>
      <code>{coloured(pretty(value, ''))}</code>
    </pre>
  </figure>
)

/** A call and its answer, as they are on the wire. */
export const Exchange = ({ method, params, answer }: ExchangeProps) => (
  <>
    <Json label="Request" value={{ jsonrpc: '2.0', id: 1, method, params }} />
    <Json label="Answer" value={{ jsonrpc: '2.0', id: 1, ...answer }} />
  </>
)

type ExchangeProps = {
  readonly method: string
  readonly params: readonly unknown[]
  readonly answer: object
}

// ---------------------------------------------------------------------------------------------

/** What fits on a line stays on one. */
const WIDTH = 76

const pretty = (value: unknown, indent: string): string => {
  const flat = oneLine(value)
  if (typeof value !== 'object' || value === null || indent.length + flat.length <= WIDTH)
    return flat
  const deeper = `${indent}  `
  const lines = Array.isArray(value)
    ? value.map((item) => deeper + pretty(item, deeper))
    : Object.entries(value).map(
        ([name, item]) => `${deeper}${JSON.stringify(name)}: ${pretty(item, deeper)}`,
      )
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return `${open}\n${lines.join(',\n')}\n${indent}${close}`
}

const oneLine = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`
  const members = Object.entries(value)
  if (members.length === 0) return '{}'
  return `{ ${members.map(([name, item]) => `${JSON.stringify(name)}: ${oneLine(item)}`).join(', ')} }`
}

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\b\d+(?:\.\d+)?\b/g

const coloured = (text: string) => {
  const parts = []
  let at = 0
  for (const match of text.matchAll(TOKEN)) {
    const [whole, string, colon, word] = match
    parts.push(text.slice(at, match.index))
    if (string !== undefined && colon !== undefined)
      parts.push(<span class="name">{string}</span>, colon)
    else if (string !== undefined) parts.push(<span class="string">{string}</span>)
    else parts.push(<span class={word === undefined ? 'number' : 'word'}>{whole}</span>)
    at = match.index + whole.length
  }
  parts.push(text.slice(at))
  return <>{parts}</>
}
