/** The HTTP API, from the same tables as the OpenAPI document. */
import type { FC } from 'hono/jsx'
import { GROUPS, toJson } from '../../shared/http/openapi/document.ts'
import type { Body } from '../../shared/http/openapi/replies.ts'
import type { Row } from '../../shared/http/openapi/route.ts'
import { SCHEMES } from '../../shared/http/openapi/security.ts'
import { HttpExample, replyOf } from './http-example.tsx'
import type { Page } from './layout.tsx'
import { listed, Prose, Section, Table } from './parts.tsx'
import { Members } from './schema.tsx'

export const httpPage = (): Page => ({
  path: 'http.html',
  title: 'HTTP API',
  body: (
    <>
      <h1>HTTP API</h1>
      <p class="lead">
        What devices, gateways and operators ask for without a WebSocket. None of it is of TrueNAS.
        It is the same whatever the version of the API on the WebSocket. As an OpenAPI 3.1 document
        it is at <a href="/openapi.json">/openapi.json</a>: for clients that are generated.
      </p>
      <Table
        caption="All routes"
        head={['Route', 'What it does']}
        rows={GROUPS.flatMap(({ rows }) => rows).map((row) => [
          <a href={`#${row.operationId}`}>{routeOf(row)}</a>,
          row.summary,
        ])}
      />
      <Section id="proof" title="How callers prove themselves">
        <p>
          Over https only: a key that came over plain http is revoked. A route names the ways that
          it takes.
        </p>
        <Table
          caption="Ways"
          head={['Name', 'What is sent']}
          ids={Object.keys(SCHEMES).map((name) => `proof-${name}`)}
          rows={Object.entries(SCHEMES).map(([name, { description }]) => [
            <code>{name}</code>,
            <Prose text={description} />,
          ])}
        />
      </Section>
      {GROUPS.map(({ name, description, rows }) => (
        <Section id={name.toLowerCase()} title={name}>
          <p>{description}</p>
          {rows.map((row) => (
            <Route row={row} />
          ))}
        </Section>
      ))}
    </>
  ),
})

/** Method and path, as people write them. */
export const routeOf = ({ method, path }: Row): string => `${method.toUpperCase()} ${path}`

// ---------------------------------------------------------------------------------------------

const Route: FC<{ row: Row }> = ({ row }) => {
  const { operationId, summary, description, query, body, replies } = row
  const name = routeOf(row)
  return (
    <>
      <h3 id={operationId}>{name}</h3>
      <p>
        <strong>{summary}</strong>
      </p>
      <p>
        <Prose text={description} />
      </p>
      <Proof row={row} />
      {query && <Members schema={toJson(query)} isInput caption={`Parameters of ${name}`} />}
      {body && <Members schema={toJson(body.schema)} isInput caption={`What ${name} takes`} />}
      <Table
        caption={`Answers of ${name}`}
        head={['Status', 'When', 'Headers']}
        rows={Object.entries(replies).map(([status, reply]) => {
          const { description, headers = [], errors = [] } = replyOf(reply)
          return [
            <code>{status}</code>,
            <>
              {errors.length > 0 && (
                <>
                  {listed(
                    errors.map((code) => <code>{code}</code>),
                    'or',
                  )}
                  {': '}
                </>
              )}
              <Prose text={description} />
            </>,
            listed(headers.map((header) => <code>{header}</code>)),
          ]
        })}
      />
      {goodBodies(row).map(({ schema }) => (
        <Members schema={toJson(schema)} caption={`What ${name} answers`} />
      ))}
      <HttpExample row={row} />
    </>
  )
}

const Proof: FC<{ row: Row }> = ({ row: { security } }) => {
  if (security.length === 0) return <p>No proof is asked for.</p>
  const ways = security.map((all) =>
    Object.keys(all).length === 0
      ? 'none in a header'
      : listed(
          Object.keys(all).map((name) => <a href={`#proof-${name}`}>{name}</a>),
          'with',
        ),
  )
  return <p>Proof: {listed(ways, 'or')}.</p>
}

const goodBodies = ({ replies }: Row): readonly Body[] =>
  Object.entries(replies)
    .filter(([status]) => status.startsWith('2'))
    .flatMap(([, reply]) => replyOf(reply).content ?? [])
