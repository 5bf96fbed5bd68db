/** The dialog that is open over the users, and what it asks of the service. */
import type { ReactNode } from 'react'
import { useMe, useSession } from '../session.ts'
import { Confirm } from '../ui/confirm.tsx'
import { useNotice } from '../ui/notices.tsx'
import { PasswordDialog } from './password-dialog.tsx'
import { OwnFactorRemoval } from './proof.tsx'
import { SecondFactorDialog } from './second-factor.tsx'
import { UserForm } from './user-form.tsx'
import type { UserRow } from './user-row.ts'

export type UserAction =
  | 'edit'
  | 'password'
  | 'second'
  | 'remove-second'
  | 'lock'
  | 'unlock'
  | 'delete'

export type Open = { readonly name: 'add' } | { readonly name: UserAction; readonly user: UserRow }

type Props = {
  readonly open: Open
  readonly onClose: (isChanged: boolean) => void
}

export const UserDialog = ({ open, onClose }: Props) => {
  const { me } = useMe()
  if (open.name === 'add') return <UserForm user={null} onClose={onClose} />
  const { name, user } = open
  switch (name) {
    case 'edit':
      return <UserForm user={user} onClose={onClose} />
    case 'password':
      return <PasswordDialog user={user} onClose={onClose} />
    case 'second':
      return <SecondFactorDialog username={user.username} onClose={onClose} />
    case 'remove-second':
      if (user.username === me.pw_name) return <OwnFactorRemoval onClose={onClose} />
      return <ConfirmedAction texts={CONFIRMED[name]} user={user} onClose={onClose} />
    default:
      return <ConfirmedAction texts={CONFIRMED[name]} user={user} onClose={onClose} />
  }
}

// ---------------------------------------------------------------------------------------------

type Client = ReturnType<typeof useSession>['client']

type ActionTexts = {
  readonly title: string
  readonly action: string
  readonly text: (who: ReactNode) => ReactNode
  readonly done: string
  readonly run: (client: Client, user: UserRow) => Promise<unknown>
}

const CONFIRMED: Readonly<Record<'remove-second' | 'lock' | 'unlock' | 'delete', ActionTexts>> = {
  'remove-second': {
    title: 'Remove Second Factor',
    action: 'Remove',
    text: (who) => <>{who} will sign in by password alone. Sessions by password end.</>,
    done: 'has no second factor any more',
    run: (client, { username }) => client.call('user.unset_2fa_secret', username),
  },
  lock: {
    title: 'Lock User',
    action: 'Lock',
    text: (who) => (
      <>{who} can’t sign in, open sessions end, and all the user’s keys are refused.</>
    ),
    done: 'is locked',
    run: (client, { id }) => client.call('user.update', id, { locked: true }),
  },
  unlock: {
    title: 'Unlock User',
    action: 'Unlock',
    text: (who) => <>{who} can sign in again, and the user’s keys are good again.</>,
    done: 'is unlocked',
    run: (client, { id }) => client.call('user.update', id, { locked: false }),
  },
  delete: {
    title: 'Delete User',
    action: 'Delete',
    text: (who) => <>Delete {who}? All the user’s keys are revoked. This can’t be undone.</>,
    done: 'is deleted',
    run: (client, { id }) => client.call('user.delete', id),
  },
}

type ConfirmedActionProps = {
  readonly texts: ActionTexts
  readonly user: UserRow
  readonly onClose: (isChanged: boolean) => void
}

const ConfirmedAction = ({ texts, user, onClose }: ConfirmedActionProps) => {
  const { client } = useSession()
  const say = useNotice()
  const run = async (): Promise<void> => {
    await texts.run(client, user)
    say(`${user.username} ${texts.done}`)
    onClose(true)
  }
  return (
    <Confirm title={texts.title} action={texts.action} run={run} onClose={() => onClose(false)}>
      <p>{texts.text(<b>{user.username}</b>)}</p>
    </Confirm>
  )
}
