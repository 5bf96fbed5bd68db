/** What one shows to change the own second factor: a session may be a stolen one. */
import { useState } from 'react'
import { useMe, useSession } from '../session.ts'
import { Dialog } from '../ui/dialog.tsx'
import { TextField } from '../ui/field.tsx'
import { Form } from '../ui/form.tsx'

export const useProof = () => {
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const given = () => ({ password, ...(code !== '' && { otp_token: code.trim() }) })
  return { password, setPassword, code, setCode, given }
}

type Props = {
  readonly proof: ReturnType<typeof useProof>
  /** Whether there is a second factor in force. */
  readonly isSecondAsked: boolean
}

export const ProofFields = ({ proof, isSecondAsked }: Props) => (
  <>
    {/* For password managers: which account this is about. */}
    <input type="text" autoComplete="username" value={useMe().me.pw_name} readOnly hidden />
    <TextField
      label="Your password"
      name="password"
      type="password"
      autoComplete="current-password"
      value={proof.password}
      onChange={proof.setPassword}
      isRequired
    />
    {isSecondAsked && (
      <TextField
        label="Present second factor"
        name="otp_token"
        hint="A code of the app that you sign in with, or a recovery code."
        autoComplete="one-time-code"
        value={proof.code}
        onChange={proof.setCode}
        isRequired
      />
    )}
  </>
)

type RemovalProps = { readonly onClose: (isChanged: boolean) => void }

/** Takes the own second factor away. */
export const OwnFactorRemoval = ({ onClose }: RemovalProps) => {
  const session = useSession()
  const { me } = useMe()
  const proof = useProof()
  const send = async (): Promise<void> => {
    await session.client.call('user.unset_2fa_secret', me.pw_name, proof.given())
    await session.renewToken()
    onClose(true)
  }
  return (
    <Dialog title="Remove Second Factor" onClose={() => onClose(false)}>
      <Form action="Remove" send={send} onCancel={() => onClose(false)}>
        <p>You will sign in by password alone. Your other sessions by password end.</p>
        <ProofFields proof={proof} isSecondAsked />
      </Form>
    </Dialog>
  )
}
