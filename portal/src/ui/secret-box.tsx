/** A text to be copied by hand, whole and unbroken by the width of the screen. */
import { Label, TextArea, TextField } from 'react-aria-components/TextField'

type Props = {
  readonly label: string
  readonly text: string
  readonly onCopy?: () => void
}

export const SecretBox = ({ label, text, onCopy = () => undefined }: Props) => (
  <TextField className="field" value={text} isReadOnly onCopy={onCopy}>
    <Label>{label}</Label>
    <TextArea
      className="input secret-box"
      rows={2}
      spellCheck={false}
      onFocus={(event) => event.target.select()}
    />
  </TextField>
)
