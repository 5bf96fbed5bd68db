/** A button with the actions of one row of a table. */
import { Button } from 'react-aria-components/Button'
import { Menu, MenuItem, MenuTrigger } from 'react-aria-components/Menu'
import { Popover } from 'react-aria-components/Popover'

export type Action = { readonly text: string; readonly run: () => void }

/** @param of what the row is about. */
export const More = ({
  of,
  actions,
}: {
  readonly of: string
  readonly actions: readonly Action[]
}) =>
  actions.length === 0 ? null : (
    <MenuTrigger>
      <Button className="button quiet more" aria-label={`Actions for ${of}`}>
        <span aria-hidden="true">⋯</span>
      </Button>
      <Popover className="popover" placement="bottom end">
        <Menu className="menu" aria-label={`Actions for ${of}`}>
          {actions.map(({ text, run }) => (
            <MenuItem key={text} className="menu-item" onAction={run}>
              {text}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  )
