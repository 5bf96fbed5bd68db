import type { CalendarDate } from '@internationalized/date'
import { useState } from 'react'
import type { ApiKey } from '../../../client/index.ts'
import { useSession } from '../session.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Select } from '../ui/field.tsx'
import { Form } from '../ui/form.tsx'
import { useIdempotencyKey } from '../ui/use-idempotency-key.ts'
import { dayOf, ExpiryField, expiryChange } from './expiry-field.tsx'

type Props = {
  readonly entry: ApiKey
  readonly onMade: (entry: ApiKey) => void
  readonly onClose: () => void
}

/** Seconds that the old secret may live on (`grace_seconds`, an extension of ours). */
const GRACE = [
  ['0', 'at once'],
  ['300', 'in 5 minutes'],
  ['3600', 'in an hour'],
  ['86400', 'in a day'],
  ['604800', 'in a week'],
] as const

export const ResetKey = ({ entry, onMade, onClose }: Props) => {
  const { client } = useSession()
  const [grace, setGrace] = useState('0')
  const [expires, setExpires] = useState<CalendarDate | null>(dayOf(entry.expires_at))
  const idempotency_key = useIdempotencyKey()
  const hasExpired = entry.expires_at !== null && entry.expires_at.getTime() <= Date.now()
  // A secret that isn't good any more has no grace: nothing brings it back.
  const mayOverlap = !entry.revoked && !hasExpired
  const send = async (): Promise<void> => {
    const change = {
      reset: true,
      idempotency_key,
      grace_seconds: mayOverlap ? Number(grace) : 0,
      ...expiryChange(expires, entry.expires_at),
    }
    onMade(await client.call('api_key.update', entry.id, change))
  }
  return (
    <Dialog title="Reset API Key" onClose={onClose}>
      <Form action="Reset" send={send} onCancel={onClose}>
        <p>
          <b>{entry.name}</b> gets a new secret, which is shown once.
          {!mayOverlap && ' The key is good again after that.'} Its name and user stay
          {hasExpired ? '; its expiry has passed, and takes another day.' : ', and its expiry.'}
        </p>
        {hasExpired && (
          <ExpiryField value={expires} onChange={setExpires} stored={entry.expires_at} />
        )}
        {mayOverlap && (
          <Select
            label="The old secret stops working"
            value={grace}
            onChange={setGrace}
            options={GRACE}
          />
        )}
      </Form>
    </Dialog>
  )
}
