import { expect, it } from 'vitest'
import { SCREENS } from '../../portal/src/screens.ts'
import { PORTAL_ROLES } from '../../shared/domain/roles.ts'

it('places of the portal are opened by the roles that `privilege.webui_access` is made of', () => {
  const roles = SCREENS.flatMap(({ role }) => (role === null ? [] : [role]))
  expect(roles).toEqual([...PORTAL_ROLES])
})
