/** The tenant's users: who they are, what they may do, how they prove themselves. */
import { useCallback, useState } from 'react'
import type { Filters } from '../../../client/index.ts'
import { useMe, useSession } from '../session.ts'
import { Button } from '../ui/button.tsx'
import { Problem } from '../ui/problem.tsx'
import { SearchBox } from '../ui/search-box.tsx'
import { useTitle } from '../ui/title.ts'
import { useDialog } from '../ui/use-dialog.ts'
import { useLoaded } from '../ui/use-loaded.ts'
import { type Open, UserDialog } from './dialogs.tsx'
import { UserTable } from './table.tsx'
import type { UserRow } from './user-row.ts'

/** Users that are shown at a time; the search finds the others. */
const SHOWN = 200

export const UsersScreen = () => {
  useTitle('Users')
  const session = useSession()
  const { client } = session
  const { can } = useMe()
  const [text, setText] = useState('')
  const [open, setOpen] = useDialog<Open>()
  const load = useCallback(
    (): Promise<UserRow[]> =>
      client.rows('user.query', containing(text.trim()), {
        select: [...FIELDS],
        order_by: ['username'],
        limit: SHOWN + 1,
      }) as Promise<UserRow[]>,
    [client, text],
  )
  const { value, busy, error, reload } = useLoaded(load)
  const users = value ?? []
  const close = (isChanged: boolean): void => {
    setOpen(null)
    if (!isChanged) return
    reload()
    // It may have been the own roles or second factor.
    session.refresh()
  }
  return (
    <>
      <div className="heading">
        <h1>Users</h1>
        <Button onPress={reload}>Refresh</Button>
        {can('ACCOUNT_WRITE') && (
          <Button kind="primary" onPress={() => setOpen({ name: 'add' })}>
            Add
          </Button>
        )}
      </div>
      <SearchBox label="Search users" text={text} onText={setText} />
      <Problem error={error} onRetry={reload} />
      {value !== null && users.length === 0 ? (
        <p className="empty">No user fits the search.</p>
      ) : (
        <UserTable
          users={users.slice(0, SHOWN)}
          busy={busy}
          onAction={(name, user) => setOpen({ name, user })}
        />
      )}
      {users.length > SHOWN && (
        <p className="muted">The first {SHOWN} users. Search to find the others.</p>
      )}
      {open !== null && <UserDialog open={open} onClose={close} />}
    </>
  )
}

// ---------------------------------------------------------------------------------------------

/** Without `api_keys`: for that the service would read every key of the tenant. */
const FIELDS = [
  'id',
  'username',
  'full_name',
  'roles',
  'locked',
  'password_disabled',
  'twofactor_auth_configured',
] as const

const containing = (text: string): Filters =>
  text === ''
    ? []
    : [
        [
          'OR',
          [
            ['username', 'Crin', text],
            ['full_name', 'Crin', text],
          ],
        ],
      ]
