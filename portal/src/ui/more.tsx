/** A button with the actions of one row of a table. Menus come a moment after the table that has them. */
import { Suspense } from 'react'
import { lazily } from './lazily.ts'

const ActionMenu = lazily(async () => (await import('./action-menu.tsx')).ActionMenu)

export type Action = { readonly text: string; readonly run: () => void }

export type MoreProps = {
  /** What the row is about. */
  readonly of: string
  readonly actions: readonly Action[]
}

export const More = (props: MoreProps) =>
  props.actions.length === 0 ? null : (
    <Suspense fallback={<span className="button quiet more">⋯</span>}>
      <ActionMenu {...props} />
    </Suspense>
  )
