/** Gives a user a second factor: asks first, for an old one stops working; then shows the new one, once. */
import { useState } from 'react'
import { useSession } from '../session.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Form } from '../ui/form.tsx'
import { QrCode } from '../ui/qr-code.tsx'
import { SecretBox } from '../ui/secret-box.tsx'

type Props = { readonly username: string; readonly onClose: (isChanged: boolean) => void }

export const SecondFactorDialog = ({ username, onClose }: Props) => {
  const { client } = useSession()
  const [uri, setUri] = useState<string | null>(null)
  const send = async (): Promise<void> => {
    const { twofactor_config: made } = await client.call('user.renew_2fa_secret', username, {})
    setUri(made.provisioning_uri)
  }
  if (uri !== null)
    return (
      // The secret is in force: only the button says that it was kept.
      <Dialog title="Second Factor" onClose={() => undefined}>
        <p>
          Scan this with an authenticator app, or type the secret into it. It is shown only this
          once; from now on <b>{username}</b> signs in with a code of the app.
        </p>
        <QrCode text={uri} label={`QR code of the second factor of ${username}`} />
        <SecretBox label="Secret" text={secretOf(uri)} />
        <div className="dialog-actions">
          <Button kind="primary" onPress={() => onClose(true)} autoFocus>
            Done
          </Button>
        </div>
      </Dialog>
    )
  return (
    <Dialog title="Set Up Second Factor" onClose={() => onClose(false)}>
      <Form action="Make a new secret" send={send} onCancel={() => onClose(false)}>
        <p>
          <b>{username}</b> will need a code from an authenticator app at each sign-in. A second
          factor that is there already stops working.
        </p>
      </Form>
    </Dialog>
  )
}

// ---------------------------------------------------------------------------------------------

/** The secret as apps take it by hand: base32, in groups. */
const secretOf = (uri: string): string =>
  (new URL(uri).searchParams.get('secret') ?? '').replaceAll(/(.{4})(?=.)/g, '$1 ')
