import type { CalendarDate } from '@internationalized/date'
import { useState } from 'react'
import type { ApiKey, Params } from '../../../client/index.ts'
import { useMe, useSession } from '../session.ts'
import { Dialog } from '../ui/dialog.tsx'
import { TextField } from '../ui/field.tsx'
import { Form } from '../ui/form.tsx'
import { useIdempotencyKey } from '../ui/use-idempotency-key.ts'
import { ExpiryField, momentOf } from './expiry-field.tsx'
import { UserPicker } from './user-picker.tsx'

type Props = {
  /** Whose key it will be; null: the form asks. */
  readonly owner: string | null
  readonly onMade: (entry: ApiKey) => void
  readonly onClose: () => void
}

export const AddKey = ({ owner, onMade, onClose }: Props) => {
  const { client } = useSession()
  const { me, can } = useMe()
  const [name, setName] = useState('')
  const [username, setUsername] = useState(owner ?? me.pw_name)
  const [expires, setExpires] = useState<CalendarDate | null>(null)
  const idempotency_key = useIdempotencyKey()
  const mayChoose = owner === null && can('API_KEY_WRITE')
  const send = async (): Promise<void> => {
    // A member that keys get doesn't compile until it is given here, or left out by name.
    const made: Required<Params<'api_key.create'>[0]> = {
      name: name.trim(),
      username,
      expires_at: momentOf(expires),
      idempotency_key,
    }
    onMade(await client.call('api_key.create', made))
  }
  return (
    <Dialog title="Add API Key" onClose={onClose}>
      <Form action="Add" send={send} onCancel={onClose}>
        <TextField
          label="Name"
          name="name"
          hint="What the key is for, such as the program that will use it."
          value={name}
          onChange={setName}
          maxLength={200}
          isRequired
          autoFocus
          autoComplete="off"
        />
        {mayChoose ? (
          <UserPicker value={username} onChange={setUsername} />
        ) : (
          <p>
            For <b>{username}</b>, with the rights that user has.
          </p>
        )}
        <ExpiryField value={expires} onChange={setExpires} />
      </Form>
    </Dialog>
  )
}
