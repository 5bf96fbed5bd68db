/** Query methods: every operator and every option, with an example that was run. */
import type { FC } from 'hono/jsx'
import { MOST_ROWS } from '../../shared/domain/query/bound.ts'
import { MOST_CONDITIONS } from '../../shared/domain/query/filters.ts'
import { QueryOptions } from '../../shared/domain/query/options.ts'
import { LONGEST } from '../../shared/domain/query/pattern.ts'
import {
  FOLDED,
  MOST_INSTRUCTIONS,
  PATTERN,
  UNICODE,
} from '../../shared/domain/query/pattern-size.ts'
import { MOST_STEPS } from '../../shared/domain/query/work.ts'
import { jsonSchema } from '../../shared/domain/schema.ts'
import { layOut } from './json.tsx'
import type { Page } from './layout.tsx'
import type { Docs } from './model.ts'
import type { Schema } from './of-version.ts'
import { Code, methodLink, Prose, Section, Table } from './parts.tsx'
import { RESULTS } from './recorded.ts'
import { MORE, OTHERWISE, REFUSED } from './texts/patterns.ts'
import {
  FOLDED_EXAMPLES,
  idOf,
  OPERATOR_EXAMPLES,
  OPTION_EXAMPLES,
  type QueryExample,
  REFUSED_EXAMPLES,
  SAMPLE_KEYS,
  SAMPLE_USERS,
  SUBJECT_EXAMPLES,
} from './texts/queries.ts'
import { limitsOf, typeOf } from './types.ts'

export const queryPage = (docs: Docs): Page => ({
  path: 'query.html',
  title: 'Query methods',
  body: (
    <>
      <h1>Query methods</h1>
      <p class="lead">
        Methods that list things take two parameters, both of which may be left out:{' '}
        <code>filters</code>, conditions that all hold, and <code>options</code>, which say what is
        shown of what was found.
      </p>
      <ul>
        {docs.methods
          .filter(({ filterable }) => filterable)
          .map(({ name }) => (
            <li>{methodLink(docs, name)}</li>
          ))}
      </ul>
      <p>Filters are tried first, then select, order_by, offset and limit.</p>
      <Sample />
      <Section id="operators" title="Operators">
        <p>
          A condition is a list of three: the field, the operator, the value. What is shown is the
          result of the call.
        </p>
        <Examples
          heading={(example) => example.shows}
          of={OPERATOR_EXAMPLES}
          prefix="operator"
          isCode
        />
      </Section>
      <Section id="folded" title="No difference between upper and lower case: C">
        <p>
          Every operator but <code>~</code> has a form with <code>C</code> before it, which compares
          both sides folded.
        </p>
        <Examples
          heading={(example) => example.shows}
          of={FOLDED_EXAMPLES}
          prefix="folded"
          isCode
        />
      </Section>
      <Section id="conditions" title="Conditions, fields and values">
        <p>
          A dot in a name is written <code>{'\\.'}</code> (in JSON <code>{'"\\\\."'}</code>). What a
          path says beyond a text or number is ignored.
        </p>
        <Examples heading={({ shows }) => shows} of={SUBJECT_EXAMPLES} prefix="on" />
      </Section>
      <Patterns />
      <Options />
      <Section id="refused" title="What is refused">
        <Examples heading={({ about }) => about} of={REFUSED_EXAMPLES} prefix="refused" isRefused />
      </Section>
      <Section id="limits" title="Limits">
        <p>
          A query has at most {MOST_CONDITIONS} conditions, those within ORs counted, and ORs nest
          three deep. A pattern has at most {LONGEST} characters, and the patterns of a query
          together at most {MOST_INSTRUCTIONS} instructions: one for each character or class, with
          repetitions written out, so <code>{'(ab{9}){9}'}</code> has about a hundred; a Unicode
          class such as <code>{'\\pL'}</code> counts {UNICODE}, and each pattern {PATTERN} more.
          Where there is a flag <code>(?i)</code>, the ranges of classes count one more for each{' '}
          {FOLDED} code points. It is counted before anything is compiled. <code>order_by</code> has
          at most 32 fields and <code>select</code> at most 256.
        </p>
        <p>
          While it runs, a query takes at most {MOST_STEPS.toLocaleString('en')} steps: one or two
          for a condition on a row, three for a comparison of two rows to be sorted, and a quarter
          of a pattern’s instructions for each character that it looks at. Beyond that it ends with
          an <a href={`${docs.base}#error-QUERY_TOO_COSTLY`}>error</a>. Where no index helps, it
          looks at {MOST_ROWS.toLocaleString('en')} rows at the most, and then ends with an{' '}
          <a href={`${docs.base}#error-QUERY_TOO_WIDE`}>error</a> that says what to ask instead:
          keys are found by <code>id</code>, <code>name</code> and <code>username</code> among any
          number, and all else within a range of <code>id</code>. An answer that is too large for
          one message is an <a href={`${docs.base}#error-RESULT_TOO_LARGE`}>error</a>: page with{' '}
          <code>limit</code> and <code>offset</code>, or select fewer fields.
        </p>
      </Section>
    </>
  ),
})

/** What the search finds of the page. */
export const queryParts = [
  { of: OPERATOR_EXAMPLES, prefix: 'operator', kind: 'Operator' },
  { of: FOLDED_EXAMPLES, prefix: 'folded', kind: 'Operator' },
  { of: OPTION_EXAMPLES, prefix: 'option', kind: 'Option' },
].flatMap(({ of, prefix, kind }) =>
  of.map(({ shows, about }, at) => ({ id: `${prefix}-${at}`, shows: `${kind} ${shows}`, about })),
)

// ---------------------------------------------------------------------------------------------

const Sample: FC = () => (
  <Section id="sample" title="The rows of the examples">
    <p>
      The examples were run by the service on these keys and users, in the order of their numbers.
    </p>
    <Table
      caption="Keys"
      head={['name', 'id', 'username', 'expires_at', 'revoked']}
      rows={SAMPLE_KEYS.map(({ name, username, expires, ...rest }, at) => [
        name,
        String(1000000001 + at),
        username,
        expires === null ? 'null' : `${expires} (${new Date(expires).toISOString().slice(0, 10)})`,
        'revoked' in rest ? `true: ${rest.revoked}` : 'false',
      ])}
    />
    <Table
      caption="Users"
      head={['username', 'roles']}
      rows={[
        ['admin', 'FULL_ADMIN'],
        ...SAMPLE_USERS.map(({ username, roles }) => [username, roles.join(', ')]),
      ]}
    />
  </Section>
)

const Patterns: FC = () => (
  <Section id="patterns" title="Patterns and Python">
    <p>
      A genuine server gives patterns to Python. Here they run on RE2, which answers in time linear
      to the text whatever the pattern is. Most patterns mean the same. These don’t:
    </p>
    <Table
      caption="Found otherwise"
      head={['Pattern', 'Means here', 'Is found in', 'By']}
      rows={OTHERWISE.map(({ pattern, about, text, matches }) => [
        <code>{pattern}</code>,
        about,
        <code>{JSON.stringify(text).replace('\u00a0', '\\u00a0')}</code>,
        matches === 'here' ? 'this service only' : 'Python only',
      ])}
    />
    <Table
      caption="Refused here"
      head={['Patterns', 'What', 'Instead']}
      rows={REFUSED.map(({ patterns, about, instead }) => [
        <code>{patterns.join('  ')}</code>,
        about,
        instead === undefined ? '' : <code>{instead}</code>,
      ])}
    />
    <Table
      caption="Refused by Python"
      head={['Patterns', 'What']}
      rows={MORE.map(({ patterns, about }) => [<code>{patterns.join('  ')}</code>, about])}
    />
  </Section>
)

const Options: FC = () => {
  const { properties } = jsonSchema(QueryOptions, 'input') as { properties: Record<string, Schema> }
  return (
    <Section id="options" title="Options">
      <Table
        caption="Options"
        head={['Name', 'Type', 'Default', 'Meaning']}
        rows={Object.entries(properties).map(([name, schema]) => [
          <code>{name}</code>,
          typeOf(schema),
          <code>{JSON.stringify(schema.default)}</code>,
          <>
            <Prose text={String(schema.description ?? '')} /> {limitsOf(schema)}
          </>,
        ])}
        ids={Object.keys(properties).map((name) => `of-${name}`)}
      />
      <Examples
        heading={({ shows, about }) => `${shows}: ${about}`}
        of={OPTION_EXAMPLES}
        prefix="option"
      />
    </Section>
  )
}

const Examples: FC<{
  of: readonly QueryExample[]
  heading: (example: QueryExample) => string
  prefix: string
  /** What it shows is written in a query. */
  isCode?: boolean
  isRefused?: boolean
}> = ({ of, heading, prefix, isCode = false, isRefused = false }) => (
  <>
    {of.map((example, at) => {
      const title = heading(example)
      const call = [example.filters, example.options ?? {}]
      const { result, error } = RESULTS[idOf(example)] ?? {}
      return (
        <div class="example">
          <h3 id={`${prefix}-${at}`}>{isCode ? <code>{title}</code> : title}</h3>
          {!title.includes(example.about) && <p>{sentence(example.about)}</p>}
          <Code label={`Parameters of ${example.method}`} text={layOut(call)} />
          <Code
            label={isRefused ? 'error of the answer' : 'result of the answer'}
            text={layOut(isRefused ? error : result)}
          />
        </div>
      )
    })}
  </>
)

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`
