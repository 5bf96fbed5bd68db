/** Fields of forms: label, input, hint, and the error of the browser or the service, tied together. */
import type { ReactNode } from 'react'
import { Checkbox as AriaCheckbox } from 'react-aria-components/Checkbox'
import {
  TextField as AriaTextField,
  FieldError,
  Input,
  Label,
  Text,
  type TextFieldProps,
} from 'react-aria-components/TextField'

type Props = Omit<TextFieldProps, 'children' | 'className'> & {
  readonly label: string
  readonly hint?: ReactNode
  readonly placeholder?: string | undefined
}

export const TextField = ({ label, hint, placeholder = '', ...props }: Props) => (
  <AriaTextField {...props} className="field">
    <Label>{label}</Label>
    <Input className="input" placeholder={placeholder} spellCheck={false} />
    {hint !== undefined && (
      <Text slot="description" className="hint">
        {hint}
      </Text>
    )}
    <FieldError className="field-error" />
  </AriaTextField>
)

type CheckboxProps = {
  readonly children: ReactNode
  readonly name?: string
  readonly isSelected: boolean
  readonly onChange: (isSelected: boolean) => void
}

export const Checkbox = ({ children, ...props }: CheckboxProps) => (
  <AriaCheckbox {...props} className="checkbox">
    <span className="checkbox-box" aria-hidden="true" />
    {children}
  </AriaCheckbox>
)

type SelectProps = {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly options: readonly (readonly [value: string, text: string])[]
}

/** The browser's own, which every phone and screen reader knows. */
export const Select = ({ label, value, onChange, options }: SelectProps) => (
  <label className="field">
    <span>{label}</span>
    <select className="input" value={value} onChange={(event) => onChange(event.target.value)}>
      {options.map(([option, text]) => (
        <option key={option} value={option}>
          {text}
        </option>
      ))}
    </select>
  </label>
)
