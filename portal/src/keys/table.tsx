/** The table of keys: a grid that is walked by arrow keys, sorted by its headings. */
import type { ReactNode } from 'react'
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
import type { Readable, Sort, SortField } from './key-query.ts'
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
        {COLUMNS.map(([id, { heading, sortedBy }]) => (
          <Column
            key={id}
            id={sortedBy ?? id}
            isRowHeader={id === 'name'}
            allowsSorting={sortedBy !== undefined}
          >
            {heading}
          </Column>
        ))}
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
            {COLUMNS.map(([id, { label, cell }]) => (
              <Cell key={id} data-label={label}>
                {cell(key)}
              </Cell>
            ))}
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

type MemberColumn = {
  readonly heading: string
  /** Beside the value where there is no room for headings; the name needs none. */
  readonly label?: string
  readonly sortedBy?: SortField
  readonly cell: (key: ApiKey) => ReactNode
}
/** The badge shows the reason too. */
type Elsewhere = 'id' | 'user_identifier' | 'revoked_reason'
const MEMBERS: Readonly<Record<Exclude<Readable, Elsewhere>, MemberColumn>> = {
  name: { heading: 'Name', sortedBy: 'name', cell: ({ name }) => name },
  username: {
    heading: 'Username',
    label: 'Username',
    sortedBy: 'username',
    cell: ({ username }) => username ?? <i>deleted</i>,
  },
  local: { heading: 'Local', label: 'Local', cell: ({ local }) => (local ? 'Yes' : 'No') },
  revoked: {
    heading: 'Revoked',
    label: 'Revoked',
    sortedBy: 'revoked',
    cell: (key) => <RevokedBadge entry={key} />,
  },
  created_at: {
    heading: 'Created',
    label: 'Created',
    sortedBy: 'id',
    cell: ({ created_at }) => <Time at={created_at} />,
  },
  expires_at: {
    heading: 'Expires On',
    label: 'Expires',
    sortedBy: 'expires_at',
    cell: ({ expires_at: at }) => (at === null ? 'Never' : <Time at={at} relative />),
  },
}
const COLUMNS = Object.entries(MEMBERS)

const LastUsed = ({ at }: { readonly at: Date | undefined }) =>
  at === undefined ? <span className="muted">–</span> : <Time at={at} relative />
