/** A form that sends itself to the service: waits, shows what it refused at the field it is about. */
import { type FormEvent, type ReactNode, useRef, useState } from 'react'
import { Form as AriaForm } from 'react-aria-components/Form'
import { Button } from './button.tsx'
import { Problem } from './problem.tsx'
import { byField, type Refused } from './refusals.ts'

type Props = {
  readonly children: ReactNode
  readonly action: string
  readonly send: () => Promise<unknown>
  readonly onCancel?: () => void
}

export const Form = ({ children, action, send, onCancel }: Props) => {
  const form = useRef<HTMLFormElement>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const [refused, setRefused] = useState<Refused>({})
  const submit = async (): Promise<void> => {
    // Enter in a field of a form that is on its way.
    if (busy) return
    setBusy(true)
    setError(null)
    setRefused({})
    try {
      await send()
    } catch (reason) {
      const fields = byField(reason)
      setRefused(fields)
      // What is about no field of this form is said below it.
      const shown = Object.keys(fields).filter((name) => form.current?.elements.namedItem(name))
      if (shown.length < Math.max(1, Object.keys(fields).length)) setError(reason)
    }
    setBusy(false)
  }
  const listeners = {
    // As soon as something else stands there: when the field is left, the buttons would move below a
    // press that has begun.
    onInput: ({ target }: FormEvent) => setRefused(without((target as HTMLInputElement).name)),
  }
  return (
    <AriaForm
      ref={form}
      className="form"
      validationErrors={{ ...refused }}
      {...listeners}
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      {children}
      <Problem error={error} />
      <div className="dialog-actions">
        {onCancel && (
          <Button isDisabled={busy} onPress={onCancel}>
            Cancel
          </Button>
        )}
        <Button kind="primary" type="submit" isPending={busy}>
          {action}
        </Button>
      </div>
    </AriaForm>
  )
}

// ---------------------------------------------------------------------------------------------

const without =
  (field: string) =>
  (refused: Refused): Refused =>
    field in refused
      ? Object.fromEntries(Object.entries(refused).filter(([name]) => name !== field))
      : refused
