/** The table of keys: a grid that is walked by arrow keys, sorted by its headings. */
import {
  Cell,
  Column,
  Row,
  type SortDescriptor,
  Table,
  TableBody,
  TableHeader,
} from 'react-aria-components/Table'
import type { ApiKey } from '../../../client/index.ts'
import { Time } from '../ui/time.tsx'
import type { Sort, SortField } from './key-query.ts'
import { RevokedBadge } from './revoked-badge.tsx'
import { type KeyAction, RowActions } from './row-actions.tsx'

type Props = {
  readonly label: string
  readonly keys: readonly ApiKey[]
  /** By id; a key that isn't there was never seen in use. */
  readonly lastUsed: ReadonlyMap<number, Date>
  readonly busy: boolean
  readonly sort: Sort
  readonly onSort: (sort: Sort) => void
  readonly onAction: (action: KeyAction, key: ApiKey) => void
}

export const KeyTable = ({ label, keys, lastUsed, busy, sort, onSort, onAction }: Props) => (
  <div className="table-frame" aria-busy={busy}>
    <Table
      className="table keys"
      aria-label={label}
      sortDescriptor={{
        column: sort.field,
        direction: sort.descending ? 'descending' : 'ascending',
      }}
      onSortChange={({ column, direction }: SortDescriptor) =>
        onSort({ field: column as SortField, descending: direction === 'descending' })
      }
    >
      <TableHeader>
        <Column id="name" isRowHeader allowsSorting>
          Name
        </Column>
        <Column id="username" allowsSorting>
          Username
        </Column>
        <Column id="local">Local</Column>
        <Column id="revoked" allowsSorting>
          Revoked
        </Column>
        <Column id="id" allowsSorting>
          Created
        </Column>
        <Column id="expires_at" allowsSorting>
          Expires On
        </Column>
        <Column id="used">Last Login</Column>
        <Column id="actions">Actions</Column>
      </TableHeader>
      <TableBody
        items={keys}
        dependencies={[lastUsed]}
        renderEmptyState={() => (busy ? <p className="muted">Loading…</p> : null)}
      >
        {(key) => (
          <Row id={key.id} textValue={key.name}>
            <Cell>{key.name}</Cell>
            <Cell data-label="Username">{key.username ?? <i>deleted</i>}</Cell>
            <Cell data-label="Local">{key.local ? 'Yes' : 'No'}</Cell>
            <Cell data-label="Revoked">
              <RevokedBadge entry={key} />
            </Cell>
            <Cell data-label="Created">
              <Time at={key.created_at} />
            </Cell>
            <Cell data-label="Expires">
              {key.expires_at === null ? 'Never' : <Time at={key.expires_at} relative />}
            </Cell>
            <Cell data-label="Last login">
              <LastUsed at={lastUsed.get(key.id)} />
            </Cell>
            <Cell>
              <RowActions entry={key} onAction={(action) => onAction(action, key)} />
            </Cell>
          </Row>
        )}
      </TableBody>
    </Table>
  </div>
)

// ---------------------------------------------------------------------------------------------

const LastUsed = ({ at }: { readonly at: Date | undefined }) =>
  at === undefined ? <span className="muted">–</span> : <Time at={at} relative />
