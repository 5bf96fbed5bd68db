/** Changes the own password: with the old one, for a session may be a stolen one. */
import { useState } from 'react'
import { useMe, useSession } from '../session.ts'
import { TextField } from '../ui/field.tsx'
import { Form } from '../ui/form.tsx'

export const PasswordForm = () => {
  const { client } = useSession()
  const { me } = useMe()
  const [before, setBefore] = useState('')
  const [after, setAfter] = useState('')
  const send = async (): Promise<void> => {
    const data = { username: me.pw_name, old_password: before, new_password: after }
    await client.call('user.set_password', data)
    setBefore('')
    setAfter('')
  }
  return (
    <Form action="Change password" send={send}>
      <p>All your sessions end, this one too: sign in with the new password then.</p>
      {/* For password managers: which account this is about. */}
      <input type="text" autoComplete="username" value={me.pw_name} readOnly hidden />
      <TextField
        label="Old password"
        name="old_password"
        type="password"
        value={before}
        onChange={setBefore}
        isRequired
        autoComplete="current-password"
      />
      <TextField
        label="New password"
        name="new_password"
        type="password"
        hint="At least 8 characters."
        value={after}
        onChange={setAfter}
        minLength={8}
        maxLength={1024}
        isRequired
        autoComplete="new-password"
      />
    </Form>
  )
}
