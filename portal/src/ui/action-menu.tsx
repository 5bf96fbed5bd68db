import { Button } from 'react-aria-components/Button'
import { Menu, MenuItem, MenuTrigger } from 'react-aria-components/Menu'
import { Popover } from 'react-aria-components/Popover'

export type Action = { readonly text: string; readonly run: () => void }

export type MoreProps = {
  /** What the row is about. */
  readonly of: string
  readonly actions: readonly Action[]
}

export const ActionMenu = ({ of, actions }: MoreProps) => (
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
