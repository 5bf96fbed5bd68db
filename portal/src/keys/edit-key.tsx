import type { CalendarDate } from '@internationalized/date'
import { useState } from 'react'
import type { ApiKey } from '../../../client/index.ts'
import { useSession } from '../session.ts'
import { Dialog } from '../ui/dialog.tsx'
import { TextField } from '../ui/field.tsx'
import { Form } from '../ui/form.tsx'
import { useNotice } from '../ui/notices.tsx'
import { dayOf, ExpiryField, expiryChange } from './expiry-field.tsx'

type Props = { readonly entry: ApiKey; readonly onClose: () => void }

export const EditKey = ({ entry, onClose }: Props) => {
  const { client } = useSession()
  const say = useNotice()
  const [name, setName] = useState(entry.name)
  const [expires, setExpires] = useState<CalendarDate | null>(dayOf(entry.expires_at))
  const send = async (): Promise<void> => {
    // What wasn't touched isn't sent: not even a name that begins with a blank.
    const change = {
      ...(name !== entry.name && { name: name.trim() }),
      ...expiryChange(expires, entry.expires_at),
    }
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
