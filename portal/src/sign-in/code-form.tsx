import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Form } from '../ui/form.tsx'

type Props = { readonly send: (code: string) => void; readonly onCancel: () => void }

export const CodeForm = ({ send, onCancel }: Props) => {
  const [code, setCode] = useState('')
  const [isRecovery, setRecovery] = useState(false)
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
        key={String(isRecovery)}
        label={isRecovery ? 'Recovery code' : 'Code'}
        name="code"
        inputMode={isRecovery ? 'text' : 'numeric'}
        autoComplete={isRecovery ? 'off' : 'one-time-code'}
        hint={
          isRecovery
            ? 'One of those that were shown when the second factor was set up. Each is good once.'
            : 'From your authenticator app; it changes every half minute.'
        }
        value={code}
        onChange={setCode}
        isRequired
        autoFocus
      />
      <Button onPress={() => setRecovery(!isRecovery)}>
        {isRecovery ? 'Use the app' : 'Use a recovery code'}
      </Button>
    </Form>
  )
}
