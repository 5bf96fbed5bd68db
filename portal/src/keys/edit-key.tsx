import {
  type CalendarDate,
  fromDate,
  getLocalTimeZone,
  toCalendarDate,
} from '@internationalized/date'
import { useState } from 'react'
import type { ApiKey } from '../../../client/index.ts'
import { useSession } from '../session.ts'
import { Dialog } from '../ui/dialog.tsx'
import { TextField } from '../ui/field.tsx'
import { Form } from '../ui/form.tsx'
import { useNotice } from '../ui/notices.tsx'
import { ExpiryField, momentOf } from './expiry-field.tsx'

type Props = { readonly entry: ApiKey; readonly onClose: () => void }

export const EditKey = ({ entry, onClose }: Props) => {
  const { client } = useSession()
  const say = useNotice()
  const before = dayOf(entry.expires_at)
  const [name, setName] = useState(entry.name)
  const [expires, setExpires] = useState<CalendarDate | null>(before)
  const send = async (): Promise<void> => {
    // What wasn't touched isn't sent: a moment set elsewhere isn't cut to its day.
    const change = {
      ...(name.trim() !== entry.name && { name: name.trim() }),
      ...(!isSame(expires, before) && { expires_at: momentOf(expires) }),
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
        <ExpiryField value={expires} onChange={setExpires} />
      </Form>
    </Dialog>
  )
}

// ---------------------------------------------------------------------------------------------

const dayOf = (moment: Date | null): CalendarDate | null =>
  moment === null ? null : toCalendarDate(fromDate(moment, getLocalTimeZone()))

const isSame = (a: CalendarDate | null, b: CalendarDate | null): boolean =>
  a === null || b === null ? a === b : a.compare(b) === 0
