/** A button with the actions of one row of a table. Menus come a moment after the table that has them. */
import { Suspense } from 'react'
import type { MoreProps } from './action-menu.tsx'
import { lazily } from './lazily.ts'

const ActionMenu = lazily(async () => (await import('./action-menu.tsx')).ActionMenu)

export const More = (props: MoreProps) =>
  props.actions.length === 0 ? null : (
    <Suspense fallback={<span className="button quiet more">⋯</span>}>
      <ActionMenu {...props} />
    </Suspense>
  )
