/** Roles that the service gives a meaning to, and any others of a TrueNAS system by name. */
import { useState } from 'react'
import { Checkbox, TextField } from '../ui/field.tsx'

type Props = {
  readonly roles: readonly string[]
  readonly onChange: (roles: readonly string[]) => void
}

export const RolesField = ({ roles, onChange }: Props) => {
  const known = new Set<string>(ROLES.map(([role]) => role))
  const others = roles.filter((role) => !known.has(role))
  const [typed, setTyped] = useState(others.join(' '))
  const toggle = (role: string, isOn: boolean): void =>
    onChange(isOn ? [...roles, role] : roles.filter((one) => one !== role))
  const type = (text: string): void => {
    setTyped(text)
    const named = text
      .toUpperCase()
      .split(/[\s,]+/)
      .filter((role) => role !== '')
    onChange([...roles.filter((role) => known.has(role)), ...named])
  }
  return (
    <fieldset className="roles">
      <legend>Roles</legend>
      {ROLES.map(([role, meaning]) => (
        <Checkbox
          key={role}
          isSelected={roles.includes(role)}
          onChange={(isOn) => toggle(role, isOn)}
        >
          <span>
            <code>{role}</code> <span className="hint">{meaning}</span>
          </span>
        </Checkbox>
      ))}
      <TextField
        label="Other roles"
        name="roles"
        hint="Roles of a TrueNAS system, for devices that ask what a key may do; with blanks between them."
        value={typed}
        onChange={type}
        autoComplete="off"
      />
    </fieldset>
  )
}

// ---------------------------------------------------------------------------------------------

const ROLES = [
  ['FULL_ADMIN', 'may do everything'],
  ['READONLY_ADMIN', 'sees everything, and manages the own keys'],
  ['SHARING_ADMIN', 'as READONLY_ADMIN'],
  ['ACCOUNT_READ', 'sees users'],
  ['ACCOUNT_WRITE', 'manages users'],
  ['API_KEY_READ', 'sees everybody’s keys'],
  ['API_KEY_WRITE', 'manages everybody’s keys'],
  ['AUTH_SESSIONS_READ', 'sees sessions'],
  ['AUTH_SESSIONS_WRITE', 'ends sessions'],
  ['KEY_VALIDATE', 'asks whether keys are good: for devices'],
] as const
