/** The page of a method. */
import type { Child, FC } from 'hono/jsx'
import { ERRNO } from '../../shared/domain/fault.ts'
import { VERSIONS } from '../../shared/domain/versions.ts'
import { faultRow } from './faults.tsx'
import type { Page } from './layout.tsx'
import { Who } from './methods.tsx'
import type { Docs, MethodDocs } from './model.ts'
import { Example, Json, Ours, Prose, Section, Table } from './parts.tsx'
import { headOf, Members, memberRow } from './schema.tsx'
import type { Rule } from './texts/errors.ts'
import { typeOf } from './types.ts'

export const methodPage = (docs: Docs, method: MethodDocs): Page => ({
  path: `methods/${method.name}.html`,
  title: method.name,
  body: <Method docs={docs} method={method} />,
})

// ---------------------------------------------------------------------------------------------

const Method: FC<{ docs: Docs; method: MethodDocs }> = ({ docs, method }) => (
  <>
    <h1>{method.name}</h1>
    <p class="badges">
      <span class="badge">since {method.since ?? VERSIONS[0]}</span>{' '}
      {method.extension && <Ours {...method.extension} />}{' '}
      {method.filterable && <a href={`${docs.base}query.html`}>Query method</a>}
    </p>
    <p class="lead">
      <Prose text={method.summary} />
    </p>
    <Section id="who" title="Who may call it">
      <p>
        <Who docs={docs} method={method} />.
        {Array.isArray(method.access) && ' Any of these is enough, or a role that includes it.'}
      </p>
    </Section>
    <Section id="parameters" title="Parameters">
      <Parameters docs={docs} method={method} />
    </Section>
    <Section id="result" title="Result">
      <Result docs={docs} method={method} />
    </Section>
    <Section id="example" title="Example">
      <p>Words in brackets stand for what is secret, or new each time.</p>
      <Example method={method} />
    </Section>
    <Section id="errors" title="Errors">
      <Errors docs={docs} method={method} />
    </Section>
    <Section id="schema" title="JSON Schema">
      <details>
        <summary>Schemas of the parameters and of the result</summary>
        {method.params.map(({ name, schema }) => (
          <Json label={`Schema of ${name}`} value={schema} />
        ))}
        <Json label="Schema of the result" value={method.result} />
      </details>
    </Section>
  </>
)

const Parameters: FC<{ docs: Docs; method: MethodDocs }> = ({ docs, method }) => {
  const { name, params, filterable } = method
  if (params.length === 0) return <p>None.</p>
  return (
    <>
      <Table
        caption="Parameters, in this order"
        head={headOf(true)}
        rows={params.map((param) =>
          memberRow(name, {
            path: param.name,
            schema: param.schema,
            isInput: true,
            isRequired: param.required,
          }),
        )}
      />
      {filterable ? (
        <p>
          What filters and options can say: <a href={`${docs.base}query.html`}>Query methods</a>.
        </p>
      ) : (
        params.map((param) => (
          <Members
            method={name}
            schema={param.schema}
            isInput
            caption={`Members of ${param.name}`}
          />
        ))
      )}
    </>
  )
}

const Result: FC<{ docs: Docs; method: MethodDocs }> = ({ docs, method }) => (
  <>
    <p>
      <Shape docs={docs} method={method} />
    </p>
    <Members
      method={method.name}
      schema={method.row ?? method.result}
      caption={method.row === null ? 'Members of the result' : 'Members of a row'}
    />
  </>
)

const Shape: FC<{ docs: Docs; method: MethodDocs }> = ({ docs, method }) => {
  const { row, filterable, result } = method
  if (filterable)
    return (
      <>
        A list of rows. With the option <code>get</code> one row, with <code>count</code> their
        number, with <code>select</code> parts of them: see{' '}
        <a href={`${docs.base}query.html#options`}>options</a>.
      </>
    )
  if (row !== null) return <Prose text="The row; with the option `select` parts of it." />
  return <Prose text={[`Type: ${typeOf(result)}.`, result.description].filter(Boolean).join(' ')} />
}

const Errors: FC<{ docs: Docs; method: MethodDocs }> = ({ docs, method: { faults, rules } }) => (
  <>
    <p>
      What errors look like is told <a href={`${docs.base}#errors`}>in general</a>. This method may
      answer:
    </p>
    <Table
      caption="Errors"
      head={['Reason', 'Code', 'When']}
      rows={faults.map((code) => faultRow(code))}
    />
    {rules.length > 0 && (
      <Table
        caption="Rules behind “Invalid params”, beside those of types and limits"
        head={['Message', 'Attribute', 'When']}
        rows={rules.map(ruleRow)}
      />
    )}
  </>
)

const ruleRow = ([attribute, text, when, errno = ERRNO.EINVAL]: Rule): Child[] => [
  <span class="reason">{text}</span>,
  <code>{attribute}</code>,
  errno === ERRNO.EINVAL ? when : `${when} (errno ${errno} in data.extra)`,
]
