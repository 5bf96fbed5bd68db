import { useState } from 'react'
import type { ApiKey } from '../../../client/index.ts'
import { useSession } from '../session.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Select } from '../ui/field.tsx'
import { Form } from '../ui/form.tsx'

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
  // A revoked secret has no grace: nothing brings it back.
  const mayOverlap = !entry.revoked
  const send = async (): Promise<void> => {
    const change = { reset: true, grace_seconds: mayOverlap ? Number(grace) : 0 }
    onMade(await client.call('api_key.update', entry.id, change))
  }
  return (
    <Dialog title="Reset API Key" onClose={onClose}>
      <Form action="Reset" send={send} onCancel={onClose}>
        <p>
          <b>{entry.name}</b> gets a new secret, which is shown once.
          {entry.revoked && ' The key is good again after that.'} Its name, user and expiry stay.
        </p>
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
