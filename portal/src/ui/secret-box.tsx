/** A text to be copied by hand, whole and unbroken by the width of the screen. */
import { Label, TextArea, TextField } from 'react-aria-components/TextField'

type Props = {
  readonly label: string
  readonly text: string
  readonly rows?: number
  readonly onCopy?: () => void
}

export const SecretBox = ({ label, text, rows = 2, onCopy = () => undefined }: Props) => (
  <TextField className="field" value={text} isReadOnly onCopy={onCopy}>
    <Label>{label}</Label>
    <TextArea
      className="input secret-box"
      rows={rows}
      spellCheck={false}
      onFocus={(event) => event.target.select()}
    />
  </TextField>
)
