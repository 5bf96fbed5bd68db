import { useState } from 'react'
import type { ApiKey } from '../../../client/index.ts'
import { useSession } from '../session.ts'
import { Dialog } from '../ui/dialog.tsx'
import { TextField } from '../ui/field.tsx'
import { Form } from '../ui/form.tsx'
import { useNotice } from '../ui/notices.tsx'

type Props = { readonly entry: ApiKey; readonly onClose: () => void }

export const RevokeKey = ({ entry, onClose }: Props) => {
  const { client } = useSession()
  const say = useNotice()
  const [reason, setReason] = useState('')
  const send = async (): Promise<void> => {
    await client.call(
      'api_key.revoke',
      entry.id,
      reason.trim() === '' ? {} : { reason: reason.trim() },
    )
    say(`API key ${entry.name} revoked`)
    onClose()
  }
  return (
    <Dialog title="Revoke API Key" onClose={onClose}>
      <Form action="Revoke" send={send} onCancel={onClose}>
        <p>
          <b>{entry.name}</b> passes no check from now on, and what it opened is closed. A reset
          brings the key back, with a new secret.
        </p>
        <TextField
          label="Reason (optional)"
          name="reason"
          hint="Everybody who may see the key sees it."
          value={reason}
          onChange={setReason}
          maxLength={200}
          autoFocus
          autoComplete="off"
        />
      </Form>
    </Dialog>
  )
}
