/** What can be done with a key: by its owner, or who may manage everybody's (docs/protocol/portal.md §9). */
import type { ApiKey } from '../../../client/index.ts'
import { useMe } from '../session.ts'
import type { Action } from '../ui/action-menu.tsx'
import { More } from '../ui/more.tsx'

export type KeyAction = 'edit' | 'reset' | 'revoke' | 'delete'

type Props = { readonly entry: ApiKey; readonly onAction: (action: KeyAction) => void }

export const RowActions = ({ entry, onAction }: Props) => {
  const { me, can } = useMe()
  if (!can('API_KEY_WRITE') && entry.username !== me.pw_name) return null
  const action = (text: string, name: KeyAction): Action => ({ text, run: () => onAction(name) })
  const actions = [
    // An expired key counts as revoked, and takes another date before a reset brings it back.
    ...(entry.revoked && entry.expires_at === null ? [] : [action('Edit', 'edit')]),
    // A user who is gone has no rights that a new secret could carry.
    ...(entry.username === null ? [] : [action('Reset', 'reset')]),
    ...(entry.revoked ? [] : [action('Revoke', 'revoke')]),
    action('Delete', 'delete'),
  ]
  return <More of={entry.name} actions={actions} />
}
