/** The one time that a key is seen. It is in this dialog and nowhere else: closing it forgets it. */
import { useEffect, useState } from 'react'
import type { ApiKey } from '../../../client/index.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { useNotice } from '../ui/notices.tsx'
import { saveAs } from '../ui/save-as.ts'
import { SecretBox } from '../ui/secret-box.tsx'

/** An entry that still has its raw key: the answer of create or reset. */
export type FreshKey = ApiKey & { readonly key: string }

type Props = {
  readonly fresh: FreshKey
  readonly how: 'created' | 'reset'
  readonly onClose: () => void
}

export const ShownOnce = ({ fresh, how, onClose }: Props) => {
  const say = useNotice()
  const [isTaken, setTaken] = useState(false)
  const [isWarned, setWarned] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)

  // A reload or a closed tab would lose it too.
  useEffect(() => {
    if (isTaken) return
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault()
    window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  }, [isTaken])

  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(fresh.key)
      setTaken(true)
      setProblem(null)
      say('API key copied to clipboard')
    } catch {
      setProblem('The browser didn’t let the page copy. Select the key and copy it yourself.')
    }
  }
  const download = (): void => {
    saveAs(`${fresh.name.replaceAll(/[^\w.-]+/g, '_')}.key`, `${fresh.key}\n`)
    setTaken(true)
  }
  const close = (): void => {
    if (isTaken || isWarned) onClose()
    else setWarned(true)
  }

  return (
    <Dialog title="API Key" onClose={close}>
      <p>
        The key <b>{fresh.name}</b> was {how}. It is shown only this once: keep it now, where others
        don’t see it.
      </p>
      <SecretBox label="API key" text={fresh.key} onCopy={() => setTaken(true)} />
      <p className="hint">
        It belongs on encrypted connections only: a key that is used over plain http is revoked.
      </p>
      {problem !== null && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      {isWarned && !isTaken && (
        <p className="problem" role="alert">
          You haven’t copied or downloaded the key, and it won’t be shown again. Close all the same?
        </p>
      )}
      <div className="dialog-actions">
        <Button onPress={close}>{isWarned && !isTaken ? 'Close without the key' : 'Close'}</Button>
        <Button onPress={download}>Download</Button>
        <Button kind="primary" onPress={() => void copy()} autoFocus>
          Copy to Clipboard
        </Button>
      </div>
    </Dialog>
  )
}
