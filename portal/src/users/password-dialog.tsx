import { useState } from 'react'
import { useSession } from '../session.ts'
import { Dialog } from '../ui/dialog.tsx'
import { TextField } from '../ui/field.tsx'
import { Form } from '../ui/form.tsx'
import { useNotice } from '../ui/notices.tsx'
import type { UserRow } from './user-row.ts'

type Props = { readonly user: UserRow; readonly onClose: (isChanged: boolean) => void }

/** Another user's password; one's own takes the old one (account/password-form.tsx). */
export const PasswordDialog = ({ user, onClose }: Props) => {
  const { client } = useSession()
  const say = useNotice()
  const [password, setPassword] = useState('')
  const send = async (): Promise<void> => {
    const { username } = user
    await client.call('user.set_password', { username, new_password: password })
    say(`Password of ${username} set`)
    onClose(true)
  }
  return (
    <Dialog title="Set Password" onClose={() => onClose(false)}>
      <Form action="Set password" send={send} onCancel={() => onClose(false)}>
        <p>
          The sessions that <b>{user.username}</b> opened by password end.
        </p>
        <TextField
          label="New password"
          name="new_password"
          type="password"
          hint="At least 8 characters."
          value={password}
          onChange={setPassword}
          minLength={8}
          maxLength={1024}
          isRequired
          autoFocus
          autoComplete="new-password"
        />
      </Form>
    </Dialog>
  )
}
