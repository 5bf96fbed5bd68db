/** Asks before something that can't be taken back, does it, and says if it failed. */
import { type ReactNode, useState } from 'react'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Problem } from './problem.tsx'

type Props = {
  readonly title: string
  readonly children: ReactNode
  /** What the button says: the deed, not "OK". */
  readonly action: string
  readonly kind?: 'primary' | 'danger'
  readonly run: () => Promise<unknown>
  readonly onClose: () => void
}

export const Confirm = ({ title, children, action, kind = 'danger', run, onClose }: Props) => {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const go = (): void => {
    setBusy(true)
    setError(null)
    run().then(onClose, (reason: unknown) => {
      setBusy(false)
      setError(reason)
    })
  }
  return (
    // Not to be closed while it is done: nobody should think that it was called off.
    <Dialog title={title} onClose={() => busy || onClose()} alert>
      <div className="dialog-text">{children}</div>
      <Problem error={error} />
      <div className="dialog-actions">
        <Button isDisabled={busy} onPress={onClose} autoFocus>
          Cancel
        </Button>
        <Button kind={kind} isPending={busy} onPress={go}>
          {action}
        </Button>
      </div>
    </Dialog>
  )
}
