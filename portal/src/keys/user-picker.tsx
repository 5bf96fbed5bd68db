/** A user of the tenant, found by typing. Who may not list users types the name. */
import { useEffect, useState } from 'react'
import {
  Button,
  ComboBox,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Text,
} from 'react-aria-components/ComboBox'
import { useMe, useSession } from '../session.ts'

type Props = { readonly value: string; readonly onChange: (username: string) => void }

/** Names offered at a time; typing narrows them. */
const OFFERED = 20

export const UserPicker = ({ value, onChange }: Props) => {
  const names = useNames(value)
  return (
    <ComboBox
      className="field"
      name="username"
      allowsCustomValue
      menuTrigger="focus"
      items={names.map((name) => ({ id: name }))}
      inputValue={value}
      onInputChange={onChange}
      onSelectionChange={(name) => name !== null && onChange(String(name))}
      // The service has filtered them.
      defaultFilter={() => true}
      isRequired
    >
      <Label>Username</Label>
      <div className="combo">
        <Input className="input" spellCheck={false} autoComplete="off" />
        <Button className="button" aria-label="Show users">
          <span aria-hidden="true">▾</span>
        </Button>
      </div>
      <Text slot="description" className="hint">
        The key has this user’s rights.
      </Text>
      <FieldError className="field-error" />
      <Popover className="popover">
        <ListBox className="menu">
          {({ id }: { id: string }) => <ListBoxItem className="menu-item">{id}</ListBoxItem>}
        </ListBox>
      </Popover>
    </ComboBox>
  )
}

// ---------------------------------------------------------------------------------------------

const useNames = (typed: string): readonly string[] => {
  const { client } = useSession()
  const { can } = useMe()
  const [names, setNames] = useState<readonly string[]>([])
  const mayList = can('ACCOUNT_READ')
  useEffect(() => {
    if (!mayList) return
    let isWanted = true
    const timer = setTimeout(() => {
      client
        .rows('user.query', typed === '' ? [] : [['username', 'Crin', typed]], {
          select: ['id', 'username'],
          order_by: ['username'],
          limit: OFFERED,
        })
        .then(
          (users) => isWanted && setNames(users.map(({ username }) => username)),
          () => undefined,
        )
    }, 200)
    return () => {
      isWanted = false
      clearTimeout(timer)
    }
  }, [client, typed, mayList])
  return names
}
