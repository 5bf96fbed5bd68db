import { useState } from 'react'
import { TextField } from '../ui/field.tsx'
import { Form } from '../ui/form.tsx'

type Props = { readonly send: (code: string) => void; readonly onCancel: () => void }

export const CodeForm = ({ send, onCancel }: Props) => {
  const [code, setCode] = useState('')
  return (
    <Form
      action="Continue"
      onCancel={onCancel}
      send={async () => {
        send(code.replaceAll(' ', ''))
        setCode('')
      }}
    >
      <TextField
        label="Code"
        name="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        hint="From your authenticator app; it changes every half minute."
        value={code}
        onChange={setCode}
        isRequired
        autoFocus
      />
    </Form>
  )
}
