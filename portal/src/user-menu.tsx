import { Button } from 'react-aria-components/Button'
import { Menu, MenuItem, MenuTrigger } from 'react-aria-components/Menu'
import { Popover } from 'react-aria-components/Popover'
import { useLocation } from 'wouter'
import { useMe, useSession } from './session.ts'

export const UserMenu = () => {
  const session = useSession()
  const { me } = useMe()
  const [, go] = useLocation()
  return (
    <MenuTrigger>
      <Button className="button quiet user-menu" aria-label={`Signed in as ${me.pw_name}: menu`}>
        {me.pw_name} <span aria-hidden="true">▾</span>
      </Button>
      <Popover className="popover">
        <Menu className="menu" aria-label="Your account">
          <MenuItem className="menu-item" onAction={() => go('/my-keys')}>
            My API Keys
          </MenuItem>
          <MenuItem className="menu-item" onAction={() => go('/account')}>
            Password and second factor
          </MenuItem>
          <MenuItem className="menu-item" href="/api/docs/" target="_blank" rel="noopener">
            API Docs
          </MenuItem>
          <MenuItem className="menu-item" onAction={() => void session.signOut()}>
            Sign out
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  )
}
