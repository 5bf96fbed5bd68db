/** What pages are put together from: code, tables, frames, badges. */
import type { Child, FC, PropsWithChildren } from 'hono/jsx'
import type { Extension } from '../../shared/domain/versions.ts'
import { coloured, layOut } from './json.tsx'
import type { Docs, MethodDocs } from './model.ts'
import type { Line } from './recorded.ts'

/** A block of code that scrolls, by keyboard too. */
export const Code: FC<{ label: string; text: string }> = ({ label, text }) => (
  <figure class="code">
    <figcaption>{label}</figcaption>
    {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; what scrolls must be reached by keyboard */}
    <pre tabindex={0} role="group" aria-label={label}>
      <code>{coloured(text)}</code>
    </pre>
  </figure>
)

export const Json: FC<{ label: string; value: unknown }> = ({ label, value }) => (
  <Code label={label} text={layOut(value)} />
)

/** What went over a socket. */
export const Frames: FC<{ lines: readonly Line[] | undefined }> = ({ lines = [] }) => (
  <>
    {lines.map(({ from, frame }) => (
      <Code
        label={from === 'client' ? 'You send' : 'The service sends'}
        text={typeof frame === 'string' ? frame : layOut(frame)}
      />
    ))}
  </>
)

/** A call of a method and its answer. Ids are the client's choice. */
export const Example: FC<{ method: MethodDocs | undefined }> = ({ method }) =>
  method?.example && (
    <Frames
      lines={[
        {
          from: 'client',
          frame: { jsonrpc: '2.0', id: 1, method: method.name, params: method.example.params },
        },
        { from: 'service', frame: { jsonrpc: '2.0', result: method.example.result, id: 1 } },
      ]}
    />
  )

/** A table that scrolls where the screen is too narrow. The first cell of a row names it. */
export const Table: FC<{
  caption: string
  head: readonly string[]
  rows: readonly (readonly Child[])[]
  /** Ids of the rows, to link to. */
  ids?: readonly string[]
}> = ({ caption, head, rows, ids = [] }) => (
  // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; what scrolls must be reached by keyboard
  <div class="table" tabindex={0} role="group" aria-label={caption}>
    <table>
      <caption>{caption}</caption>
      <thead>
        <tr>
          {head.map((text) => (
            <th scope="col">{text}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([first, ...rest], at) => (
          <tr {...(ids[at] !== undefined && { id: ids[at] })}>
            <th scope="row">{first}</th>
            {rest.map((cell) => (
              <td>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

export const Ours: FC<Extension> = ({ since }) => (
  <span class="badge">Keyharbor extension since {since}</span>
)

export const methodLink = ({ base }: Docs, name: string): Child => (
  <a href={`${base}methods/${name}.html`}>{name}</a>
)

export const roleLink = ({ base }: Docs, role: string): Child => (
  <a href={`${base}roles.html#${role}`}>{role}</a>
)

export const Note: FC<PropsWithChildren<{ title: string }>> = ({ title, children }) => (
  <div class="note">
    <p>
      <strong>{title}</strong> {children}
    </p>
  </div>
)

/** A part of a page, with a heading that can be linked to. */
export const Section: FC<PropsWithChildren<{ id: string; title: string }>> = ({
  id,
  title,
  children,
}) => (
  <section>
    <h2 id={id}>{title}</h2>
    {children}
  </section>
)

/** Prose with `code` in it, as summaries and descriptions are written. */
export const Prose: FC<{ text: string }> = ({ text }) => (
  <>{text.split('`').map((part, at) => (at % 2 === 1 ? <code>{part}</code> : part))}</>
)

/** Commas between, "and" before the last. */
export const listed = (parts: readonly Child[], last = 'and'): Child[] =>
  parts.flatMap((part, at) =>
    at === 0 ? [part] : [at === parts.length - 1 ? ` ${last} ` : ', ', part],
  )
