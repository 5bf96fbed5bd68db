/** Adds a user, or changes one: name, roles, and for a new one the password. */
import { useState } from 'react'
import { useSession } from '../session.ts'
import { Dialog } from '../ui/dialog.tsx'
import { TextField } from '../ui/field.tsx'
import { Form } from '../ui/form.tsx'
import { useNotice } from '../ui/notices.tsx'
import { useIdempotencyKey } from '../ui/use-idempotency-key.ts'
import { RolesField } from './roles-field.tsx'
import type { UserRow } from './user-row.ts'

type Props = { readonly user: UserRow | null; readonly onClose: (isChanged: boolean) => void }

export const UserForm = ({ user, onClose }: Props) => {
  const { client } = useSession()
  const say = useNotice()
  const [username, setUsername] = useState('')
  const [fullName, setFullName] = useState(user?.full_name ?? '')
  const [roles, setRoles] = useState<readonly string[]>(user?.roles ?? [])
  const [password, setPassword] = useState('')

  const idempotency_key = useIdempotencyKey()
  const send = async (): Promise<void> => {
    const facts = { full_name: fullName.trim(), roles: [...roles] }
    if (user !== null) {
      // Only what is different: a change elsewhere of what wasn't touched here stays.
      const change = {
        ...(fullName !== user.full_name && { full_name: facts.full_name }),
        ...(!isSameSet(roles, user.roles) && { roles: facts.roles }),
      }
      const after =
        Object.keys(change).length > 0 ? await client.call('user.update', user.id, change) : null
      if (after?.planted && change.roles) say(plantedText(user.username, after.planted))
    } else {
      // Without a password there is no login by one: a user for keys alone.
      const secret = password === '' ? null : password
      const made = { username: username.trim(), password: secret, idempotency_key, ...facts }
      await client.call('user.create', made)
    }
    say(`User ${user?.username ?? username.trim()} saved`)
    onClose(true)
  }

  return (
    <Dialog
      title={user === null ? 'Add User' : `Edit ${user.username}`}
      onClose={() => onClose(false)}
    >
      <Form action={user === null ? 'Add' : 'Save'} send={send} onCancel={() => onClose(false)}>
        {user === null && (
          <TextField
            label="Username"
            name="username"
            value={username}
            onChange={setUsername}
            maxLength={32}
            isRequired
            autoFocus
            autoComplete="off"
          />
        )}
        <TextField
          label="Full Name"
          name="full_name"
          value={fullName}
          onChange={setFullName}
          maxLength={255}
          isRequired
          autoFocus={user !== null}
          autoComplete="off"
        />
        <RolesField roles={roles} onChange={setRoles} />
        {user === null && (
          <TextField
            label="Password (optional)"
            name="password"
            type="password"
            hint="At least 8 characters. Without one the user can’t sign in here, but can have keys."
            value={password}
            onChange={setPassword}
            minLength={8}
            maxLength={1024}
            autoComplete="new-password"
          />
        )}
      </Form>
    </Dialog>
  )
}

// ---------------------------------------------------------------------------------------------

/** What somebody who gives a user more rights wants to know. */
const plantedText = (
  username: string,
  { password, api_keys }: { password: boolean; api_keys: readonly number[] },
): string => {
  const keys = api_keys.length === 1 ? '1 key' : `${api_keys.length} keys`
  const what = [...(password ? ['the password'] : []), ...(api_keys.length > 0 ? [keys] : [])]
  return `Others made ${what.join(' and ')} of ${username}, with fewer rights: these keep to what their makers might do. Reset them to lift that.`
}

/** The order in which roles were ticked says nothing. */
const isSameSet = (some: readonly string[], others: readonly string[]): boolean =>
  [...some].sort().join() === [...others].sort().join()
