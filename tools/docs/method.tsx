/** The page of a method. */

import { ofVersion, type Schema } from '../../shared/docs/of-version.ts'
import type { Example } from '../../shared/docs/openrpc.ts'
import { ERRNO, FAULTS } from '../../shared/fault.ts'
import type { Method } from '../../shared/rpc/method.ts'
import { jsonSchema } from '../../shared/rpc/schema.ts'
import { Exchange, Json } from './json.tsx'
import { type Edition, hrefOf, versionOf } from './layout.tsx'
import { limitsText, Members, Ours, typeText } from './schema.tsx'
import { Text } from './text.tsx'

type Props = {
  readonly edition: Edition
  readonly method: Method
  readonly example: Example | undefined
}

export const MethodPage = ({ edition, method, example }: Props) => {
  const version = versionOf(edition)
  const { name, summary, params, result, extension, filterable, since } = method
  const described = Object.entries(params).map(([param, schema]) => ({
    name: param,
    isRequired: !schema.safeParse(undefined).success,
    schema: ofVersion(jsonSchema(schema, 'input'), version),
  }))
  const answer = ofVersion(jsonSchema(result, 'output'), version)
  return (
    <>
      <h1>
        <code>{name}</code> {extension === true && <Ours />}
      </h1>
      <p class="lead">
        <Text>{summary}</Text>
      </p>
      {extension === true && (
        <p>This method is an extension of Keyharbor: TrueNAS systems don’t have it.</p>
      )}
      {since !== undefined && <p>There since {since}.</p>}
      <h2>Who may call it</h2>
      <Access edition={edition} method={method} />
      <h2>Parameters</h2>
      {described.length === 0 ? (
        <p>None.</p>
      ) : (
        <>
          <p>By position, in this order.</p>
          <div class="wide" tabindex={0}>
            <table>
              <caption>Parameters</caption>
              <thead>
                <tr>
                  <th scope="col">Parameter</th>
                  <th scope="col">Type</th>
                  <th scope="col">Meaning</th>
                </tr>
              </thead>
              <tbody>
                {described.map(({ name: param, isRequired, schema }) => (
                  <tr>
                    <th scope="row">
                      <code>{param}</code>
                    </th>
                    <td>
                      {typeText(schema)}
                      {!isRequired && <span class="muted"> (may be left out)</span>}
                    </td>
                    <td>{[schema.description, limitsText(schema)].filter(Boolean).join('; ')}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {filterable === true && (
            <p>
              Filters and options are those of all{' '}
              <a href={hrefOf(edition, 'query.html')}>query methods</a>.
            </p>
          )}
          {described
            .filter(({ name: param }) => !(filterable === true && param === 'options'))
            .map(({ name: param, schema }) => (
              <Members caption={`Members of ${param}`} schema={schema} />
            ))}
        </>
      )}
      <h2>Result</h2>
      <p>{capital(resultText(method, answer))}.</p>
      <Members caption="Members of the result" schema={answer} />
      <h2>Example</h2>
      {example === undefined ? (
        <p>There is none.</p>
      ) : (
        <Exchange method={name} params={example.params} answer={{ result: example.result }} />
      )}
      <h2>Errors</h2>
      <Errors method={method} />
      <h2>Schemas</h2>
      <details>
        <summary>JSON Schemas of parameters and result</summary>
        {described.map(({ name: param, schema }) => (
          <Json label={param} value={schema} />
        ))}
        <Json label="Result" value={answer} />
      </details>
    </>
  )
}

export const Access = ({ edition, method: { access } }: { edition: Edition; method: Method }) => {
  if (access === 'anybody' || access === 'anybody-uncounted')
    return <p>Anybody, logged in or not.</p>
  if (access === 'session') return <p>Everybody who is logged in.</p>
  return (
    <p>
      Who has{' '}
      {access.map((role, at) => (
        <>
          {at > 0 && ' or '}
          <a href={hrefOf(edition, `roles.html#${role}`)}>
            <code>{role}</code>
          </a>
        </>
      ))}
      .
    </p>
  )
}

// ---------------------------------------------------------------------------------------------

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const resultText = ({ filterable }: Method, schema: Schema): string => {
  if (filterable === true)
    return 'a list of rows; one row with the option get; their number with count; parts of them with select'
  const limits = limitsText(schema)
  return limits === '' ? typeText(schema) : `${typeText(schema)}, ${limits}`
}

/** What a call of its kind may be refused with. */
const Errors = ({ method: { access, params } }: { method: Method }) => {
  const isOpen = access === 'anybody' || access === 'anybody-uncounted'
  const faults = [
    ...(isOpen ? [] : (['NOT_AUTHENTICATED', 'SESSION_EXPIRED'] as const)),
    ...(Array.isArray(access) ? (['NOT_AUTHORIZED'] as const) : []),
    ...(access === 'anybody' ? (['RATE_LIMITED'] as const) : []),
    'UNAVAILABLE' as const,
    'INTERNAL' as const,
  ]
  return (
    <ul>
      {Object.keys(params).length > 0 && (
        <li>
          <code>−32602</code> Invalid params: each violation with its place, text and number, in{' '}
          <code>error.data.extra</code>.
        </li>
      )}
      {faults.map((fault) => {
        const { errno, text } = FAULTS[fault]
        return (
          <li>
            <code>−32001</code> <code>{errno}</code> ({ERRNO[errno]}): {text}
          </li>
        )
      })}
    </ul>
  )
}
