/** Filters and options of query methods, each with an example that a test carries out. */
import answers from '../../shared/docs/query-answers.json' with { type: 'json' }
import {
  FAILURES,
  FILTER_EXAMPLES,
  OPERATOR_EXAMPLES,
  OPTION_EXAMPLES,
  QUERY_EXAMPLES,
  type QueryExample,
  SAMPLE_KEYS,
  SAMPLE_USERS,
} from '../../shared/docs/query-examples.ts'
import type { Method } from '../../shared/rpc/method.ts'
import { QueryOptions } from '../../shared/rpc/query/options.ts'
import { jsonSchema } from '../../shared/rpc/schema.ts'
import { Json } from './json.tsx'
import type { Edition } from './layout.tsx'
import { MethodLink } from './lists.tsx'
import { Members } from './schema.tsx'
import { Text } from './text.tsx'

type Props = { readonly edition: Edition; readonly methods: readonly Method[] }

export const QueryPage = ({ edition, methods }: Props) => (
  <>
    <h1>Query Methods</h1>
    <p class="lead">
      Methods that list take filters and options: which rows, in which order, how many of them, and
      which of their fields.
    </p>
    <p>
      They are{' '}
      {methods
        .filter(({ filterable }) => filterable === true)
        .map(({ name }, at) => (
          <>
            {at > 0 && ', '}
            <MethodLink edition={edition} name={name} />
          </>
        ))}
      . Both parameters may be left out: then all rows come.
    </p>

    <h2 id="sample">The rows of the examples</h2>
    <div class="wide" tabindex={0}>
      <table>
        <caption>Keys, in the order of their ids</caption>
        <thead>
          <tr>
            <th scope="col">name</th>
            <th scope="col">username</th>
            <th scope="col">expires_at</th>
            <th scope="col">revoked</th>
          </tr>
        </thead>
        <tbody>
          {SAMPLE_KEYS.map(({ name, username, expires_at, revoked }) => (
            <tr>
              <th scope="row">{name}</th>
              <td>{username}</td>
              <td>{expires_at === null ? 'null' : new Date(expires_at).toISOString()}</td>
              <td>{revoked === null ? 'false' : `true (${revoked})`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
    <p>
      And the users{' '}
      {SAMPLE_USERS.map(({ username, roles }, at) => (
        <>
          {at > 0 && ', '}
          <code>{username}</code> with {roles.join(' and ')}
        </>
      ))}
      , beside the administrator <code>admin</code>.
    </p>

    <h2 id="filters">Filters</h2>
    <p>
      A filter is a list of conditions <code>[field, operator, value]</code>, all of which hold. A
      field that a row doesn’t have never matches.
    </p>
    <h3 id="operators">Operators</h3>
    <Examples of={OPERATOR_EXAMPLES} prefix="operator" />
    <h3 id="combining">Combining conditions, nulls, dates and lists</h3>
    <Examples of={FILTER_EXAMPLES} prefix="filter" />

    <h2 id="options">Options</h2>
    <Members caption="Options" schema={jsonSchema(QueryOptions, 'input')} />
    <Examples of={OPTION_EXAMPLES} prefix="option" heading="h3" />

    <h2 id="paging">Paging through many rows</h2>
    <p>
      Ask for what comes behind the last row that you have, instead of a growing offset:{' '}
      <code>[["id", "&lt;", 1000004711]]</code> with{' '}
      <code>{'{"order_by": ["-id"], "limit": 50}'}</code>. For <code>api_key.query</code> a page in
      the order of <code>id</code> or <code>name</code> costs what is on it, however many keys the
      tenant has, and so does a range of ids; other conditions look at every key in the range.
    </p>

    <h2 id="failures">What is refused</h2>
    <Examples of={FAILURES} prefix="failure" heading="h3" />
  </>
)

/** Anchors of the examples, for the search. */
export const anchorOf = (prefix: string, at: number): string => `${prefix}-${at + 1}`

// ---------------------------------------------------------------------------------------------

type ExamplesProps = {
  readonly of: readonly QueryExample[]
  readonly prefix: string
  readonly heading?: 'h3' | 'h4'
}

const Examples = ({ of: examples, prefix, heading: Heading = 'h4' }: ExamplesProps) => (
  <>
    {examples.map((example, at) => {
      const { of, text, method, filters, options } = example
      const answer = answers[QUERY_EXAMPLES.indexOf(example)] as Record<string, unknown>
      return (
        <div class="example">
          <Heading id={anchorOf(prefix, at)}>
            <code>{of}</code>
          </Heading>
          <p>
            <Text>{text}</Text>
          </p>
          <Json
            label={`Parameters of ${method}`}
            value={options === undefined ? [filters] : [filters, options]}
          />
          <Json
            label={'result' in answer ? 'Result' : 'Error'}
            value={answer.result ?? answer.error}
          />
        </div>
      )
    })}
  </>
)
