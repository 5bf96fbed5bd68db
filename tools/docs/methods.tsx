/** The list of all methods, and who may call them. */
import type { FC } from 'hono/jsx'
import type { Page } from './layout.tsx'
import type { Docs, MethodDocs } from './model.ts'
import { listed, methodLink, Ours, Prose, roleLink, Section, Table } from './parts.tsx'

export const methodsPage = (docs: Docs): Page => ({
  path: 'methods/index.html',
  title: 'API methods',
  body: (
    <>
      <h1>API methods</h1>
      <p>
        Every method of version {docs.version}. Parameters are given by position. Call a method as{' '}
        <a href={docs.base}>JSON-RPC 2.0 over WebSocket</a> says.
      </p>
      {[...docs.namespaces].map(([namespace, methods]) => (
        <Section id={namespace} title={namespace}>
          <Table
            caption={`Methods of ${namespace}`}
            head={['Method', 'What it does', 'Who may call']}
            rows={methods.map((method) => [
              methodLink(docs, method.name),
              <>
                <Prose text={method.summary} /> {method.extension && <Ours {...method.extension} />}
              </>,
              <Who docs={docs} method={method} />,
            ])}
          />
        </Section>
      ))}
    </>
  ),
})

export const Who: FC<{ docs: Docs; method: MethodDocs }> = ({
  docs,
  method: { access, devices },
}) => {
  if (access === 'session') return <>Everybody who is logged in{!devices && ', but for devices'}</>
  if (access === 'anybody')
    return (
      <>
        Anybody, logged in or not; a call before login is{' '}
        <a href={`${docs.base}#limits`}>counted</a>
      </>
    )
  if (access === 'anybody-uncounted') return <>Anybody, logged in or not</>
  return (
    <>
      {listed(
        access.map((role) => roleLink(docs, role)),
        'or',
      )}
    </>
  )
}
