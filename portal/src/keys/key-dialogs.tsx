/** Every dialog about a key, and what it asks of the service. */
import type { ApiKey } from '../../../client/index.ts'
import { useSession } from '../session.ts'
import { Confirm } from '../ui/confirm.tsx'
import { useNotice } from '../ui/notices.tsx'
import { AddKey } from './add-key.tsx'
import { EditKey } from './edit-key.tsx'
import { ResetKey } from './reset-key.tsx'
import { RevokeKey } from './revoke-key.tsx'
import type { KeyAction } from './row-actions.tsx'
import { type FreshKey, ShownOnce } from './shown-once.tsx'

export type Open =
  | { readonly name: 'add'; readonly owner: string | null }
  | { readonly name: KeyAction; readonly key: ApiKey }
  | { readonly name: 'shown'; readonly fresh: FreshKey; readonly how: 'created' | 'reset' }

type Props = { readonly open: Open; readonly onOpen: (open: Open | null) => void }

export const KeyDialog = ({ open, onOpen }: Props) => {
  const close = (): void => onOpen(null)
  const show =
    (how: 'created' | 'reset') =>
    (entry: ApiKey): void =>
      onOpen({ name: 'shown', fresh: entry as FreshKey, how })
  switch (open.name) {
    case 'add':
      return <AddKey owner={open.owner} onMade={show('created')} onClose={close} />
    case 'shown':
      return <ShownOnce fresh={open.fresh} how={open.how} onClose={close} />
    case 'edit':
      return <EditKey entry={open.key} onClose={close} />
    case 'reset':
      return <ResetKey entry={open.key} onMade={show('reset')} onClose={close} />
    case 'revoke':
      return <RevokeKey entry={open.key} onClose={close} />
    case 'delete':
      return <DeleteKey entry={open.key} onClose={close} />
  }
}

// ---------------------------------------------------------------------------------------------

const DeleteKey = ({ entry, onClose }: { entry: ApiKey; onClose: () => void }) => {
  const { client } = useSession()
  const say = useNotice()
  const run = async (): Promise<void> => {
    await client.call('api_key.delete', entry.id)
    say(`API key ${entry.name} deleted`)
  }
  return (
    <Confirm title="Delete API Key" action="Delete" run={run} onClose={onClose}>
      <p>
        Delete the key <b>{entry.name}</b>? Whatever uses it is refused from now on. This can’t be
        undone.
      </p>
    </Confirm>
  )
}
