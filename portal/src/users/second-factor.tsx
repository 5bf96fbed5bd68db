/**
 * Gives a user a second factor: makes a secret, shows it, this once, and takes a code of it; until then it counts for
 * nothing. Then come the recovery codes.
 */
import { useState } from 'react'
import { useMe, useSession } from '../session.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { TextField } from '../ui/field.tsx'
import { Form } from '../ui/form.tsx'
import { QrCode } from '../ui/qr-code.tsx'
import { saveAs } from '../ui/save-as.ts'
import { SecretBox } from '../ui/secret-box.tsx'
import { ProofFields, useProof } from './proof.tsx'

type Props = { readonly username: string; readonly onClose: (isChanged: boolean) => void }

export const SecondFactorDialog = ({ username, onClose }: Props) => {
  const { client } = useSession()
  const [uri, setUri] = useState<string | null>(null)
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const send = async (): Promise<void> => {
    const { twofactor_config: made } = await client.call('user.renew_2fa_secret', username, {})
    setUri(made.provisioning_uri)
  }
  if (codes !== null) return <RecoveryCodes codes={codes} onClose={() => onClose(true)} />
  if (uri !== null)
    return <Confirmation username={username} uri={uri} onDone={setCodes} onClose={onClose} />
  return (
    <Dialog title="Set Up Second Factor" onClose={() => onClose(false)}>
      <Form action="Make a new secret" send={send} onCancel={() => onClose(false)}>
        <p>
          <b>{username}</b> will need a code from an authenticator app at each sign-in. A second
          factor that is there already works until the new one is confirmed.
        </p>
      </Form>
    </Dialog>
  )
}

// ---------------------------------------------------------------------------------------------

type ConfirmationProps = Props & {
  readonly uri: string
  readonly onDone: (recoveryCodes: readonly string[]) => void
}

const Confirmation = ({ username, uri, onDone, onClose }: ConfirmationProps) => {
  const session = useSession()
  const { me } = useMe()
  const [code, setCode] = useState('')
  const proof = useProof()
  const isOwn = me.pw_name === username
  const send = async (): Promise<void> => {
    const given = { code: code.replaceAll(' ', ''), ...(isOwn && proof.given()) }
    const { client } = session
    const { recovery_codes } = await client.call('user.confirm_2fa_secret', username, given)
    // The page's token is from before, and dead.
    if (isOwn) await session.renewToken()
    onDone(recovery_codes)
  }
  return (
    <Dialog title="Second Factor" onClose={() => onClose(false)}>
      <p>
        Scan this with an authenticator app, or type the secret into it. It is shown only this once,
        and counts when a code of it is confirmed.
      </p>
      <QrCode text={uri} label={`QR code of the second factor of ${username}`} />
      <SecretBox label="Secret" text={secretOf(uri)} />
      <Form action="Confirm" send={send} onCancel={() => onClose(false)}>
        <TextField
          label="Code of the new app"
          name="code"
          inputMode="numeric"
          autoComplete="off"
          value={code}
          onChange={setCode}
          isRequired
          autoFocus
        />
        {isOwn && (
          <ProofFields proof={proof} isSecondAsked={me.two_factor_config.secret_configured} />
        )}
        <p className="hint">
          {isOwn ? 'Your other sessions' : <>The sessions of {username}</>} by password end.
        </p>
      </Form>
    </Dialog>
  )
}

type RecoveryProps = { readonly codes: readonly string[]; readonly onClose: () => void }

const RecoveryCodes = ({ codes, onClose }: RecoveryProps) => {
  const text = codes.join('\n')
  return (
    // They are in force: only the button says that they were kept.
    <Dialog title="Recovery Codes" onClose={() => undefined}>
      <p>
        The second factor is in force. Keep these codes where the authenticator app isn’t: each is
        good once in place of a code, for the day when the app is lost. They are shown only this
        once.
      </p>
      <SecretBox label="Recovery codes" text={text} rows={codes.length} />
      <div className="dialog-actions">
        <Button onPress={() => saveAs('recovery-codes.txt', `${text}\n`)}>Download</Button>
        <Button kind="primary" onPress={onClose} autoFocus>
          Done
        </Button>
      </div>
    </Dialog>
  )
}

/** The secret as apps take it by hand: base32, in groups. */
const secretOf = (uri: string): string =>
  (new URL(uri).searchParams.get('secret') ?? '').replaceAll(/(.{4})(?=.)/g, '$1 ')
