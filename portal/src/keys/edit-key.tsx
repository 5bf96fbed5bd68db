import type { CalendarDate } from '@internationalized/date'
import { useState } from 'react'
import type { ApiKey, Params } from '../../../client/index.ts'
import { useSession } from '../session.ts'
import { Dialog } from '../ui/dialog.tsx'
import { TextField } from '../ui/field.tsx'
import { Form } from '../ui/form.tsx'
import { useNotice } from '../ui/notices.tsx'
import { dayOf, ExpiryField, expiryChange } from './expiry-field.tsx'

/** A member that keys get doesn't compile until it is edited below, or left out by name: `reset-key.tsx` sends these. */
type Edited = Omit<Params<'api_key.update'>[1], 'reset' | 'grace_seconds' | 'idempotency_key'>
type Props = { readonly entry: ApiKey; readonly onClose: () => void }

export const EditKey = ({ entry, onClose }: Props) => {
  const { client } = useSession()
  const say = useNotice()
  const [name, setName] = useState(entry.name)
  const [expires, setExpires] = useState<CalendarDate | null>(dayOf(entry.expires_at))
  const send = async (): Promise<void> => {
    // What wasn't touched isn't sent: not even a name that begins with a blank.
    const parts: Readonly<Record<keyof Edited, Edited | false>> = {
      name: name !== entry.name && { name: name.trim() },
      expires_at: expiryChange(expires, entry.expires_at),
    }
    const change: Edited = Object.assign({}, ...Object.values(parts))
    if (Object.keys(change).length > 0) {
      await client.call('api_key.update', entry.id, change)
      say(`API key ${name.trim()} changed`)
    }
    onClose()
  }
  return (
    <Dialog title="Edit API Key" onClose={onClose}>
      <Form action="Save" send={send} onCancel={onClose}>
        <TextField
          label="Name"
          name="name"
          value={name}
          onChange={setName}
          maxLength={200}
          isRequired
          autoFocus
          autoComplete="off"
        />
        <p>
          For <b>{entry.username ?? 'a deleted user'}</b>. The key itself doesn’t change.
        </p>
        <ExpiryField value={expires} onChange={setExpires} stored={entry.expires_at} />
      </Form>
    </Dialog>
  )
}
