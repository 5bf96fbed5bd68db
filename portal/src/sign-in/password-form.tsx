import { useState } from 'react'
import { TextField } from '../ui/field.tsx'
import { Form } from '../ui/form.tsx'

export type Who = { readonly tenant: string; readonly username: string; readonly password: string }

type Props = { readonly send: (who: Who) => Promise<void> }

export const PasswordForm = ({ send }: Props) => {
  const [tenant, setTenant] = useState('')
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const submit = async (): Promise<void> => {
    await send({ tenant: tenant.trim(), username: username.trim(), password })
    setPassword('')
  }
  return (
    <Form action="Sign in" send={submit}>
      <TextField
        label="Tenant"
        name="tenant"
        autoComplete="organization"
        hint="Empty: the tenant that this address stands for."
        value={tenant}
        onChange={setTenant}
        autoFocus
      />
      <TextField
        label="User name"
        name="username"
        autoComplete="username"
        value={username}
        onChange={setUsername}
        isRequired
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        isRequired
      />
    </Form>
  )
}
