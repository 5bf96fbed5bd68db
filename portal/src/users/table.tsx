import { Cell, Column, Row, Table, TableBody, TableHeader } from 'react-aria-components/Table'
import { Link } from 'wouter'
import { useMe } from '../session.ts'
import type { Action } from '../ui/action-menu.tsx'
import { More } from '../ui/more.tsx'
import type { UserAction } from './dialogs.tsx'
import type { UserRow } from './user-row.ts'

type Props = {
  readonly users: readonly UserRow[]
  readonly busy: boolean
  readonly onAction: (action: UserAction, user: UserRow) => void
}

export const UserTable = ({ users, busy, onAction }: Props) => {
  const { can } = useMe()
  return (
    <div className="table-frame" aria-busy={busy}>
      <Table className="table users" aria-label="Users">
        <TableHeader>
          <Column id="username" isRowHeader>
            Username
          </Column>
          <Column id="full_name">Full Name</Column>
          <Column id="roles">Roles</Column>
          <Column id="second">Second Factor</Column>
          <Column id="locked">Locked</Column>
          <Column id="keys">Keys</Column>
          <Column id="actions">Actions</Column>
        </TableHeader>
        <TableBody
          items={users}
          renderEmptyState={() => (busy ? <p className="muted">Loading…</p> : null)}
        >
          {(user) => (
            <Row id={user.id} textValue={user.username}>
              <Cell>{user.username}</Cell>
              <Cell data-label="Full name">{user.full_name}</Cell>
              <Cell data-label="Roles">{user.roles.join(', ') || 'none'}</Cell>
              <Cell data-label="Second factor">
                {user.twofactor_auth_configured ? 'Yes' : 'No'}
              </Cell>
              <Cell data-label="Locked">
                {user.locked ? <span className="badge danger">Yes</span> : 'No'}
              </Cell>
              <Cell data-label="Keys">
                {can('API_KEY_READ') && (
                  <Link href={`/keys/${encodeURIComponent(user.username)}`}>
                    Keys<span className="visually-hidden"> of {user.username}</span>
                  </Link>
                )}
              </Cell>
              <Cell>
                <UserActions user={user} onAction={(action) => onAction(action, user)} />
              </Cell>
            </Row>
          )}
        </TableBody>
      </Table>
    </div>
  )
}

// ---------------------------------------------------------------------------------------------

type ActionsProps = { readonly user: UserRow; readonly onAction: (action: UserAction) => void }

const UserActions = ({ user, onAction }: ActionsProps) => {
  const { me, can } = useMe()
  if (!can('ACCOUNT_WRITE')) return null
  const isSelf = user.username === me.pw_name
  const action = (text: string, name: UserAction): Action => ({ text, run: () => onAction(name) })
  // Nobody locks or deletes themselves, and one's own password takes the old one: that is under "account".
  const actions = [
    action('Edit', 'edit'),
    ...(isSelf ? [] : [action('Set password', 'password')]),
    action('Set up second factor', 'second'),
    ...(user.twofactor_auth_configured ? [action('Remove second factor', 'remove-second')] : []),
    ...(isSelf ? [] : [user.locked ? action('Unlock', 'unlock') : action('Lock', 'lock')]),
    ...(isSelf ? [] : [action('Delete', 'delete')]),
  ]
  return <More of={user.username} actions={actions} />
}
