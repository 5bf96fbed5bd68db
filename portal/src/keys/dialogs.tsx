/** The dialog that is open over the keys, if one is. A key that was just made is kept nowhere but here. */
import { Suspense } from 'react'
import type { ApiKey } from '../../../client/index.ts'
import { lazily } from '../ui/lazily.ts'
import type { KeyAction } from './row-actions.tsx'

const load = () => import('./key-dialogs.tsx')
const Loaded = lazily(async () => (await load()).KeyDialog)

/** An entry that still has its raw key: the answer of create or reset. */
export type FreshKey = ApiKey & { readonly key: string }

export type Open =
  | { readonly name: 'add'; readonly owner: string | null }
  | { readonly name: KeyAction; readonly key: ApiKey }
  | { readonly name: 'shown'; readonly fresh: FreshKey; readonly how: 'created' | 'reset' }

type Props = { readonly open: Open | null; readonly onOpen: (open: Open | null) => void }

export const KeyDialogs = ({ open, onOpen }: Props) => (
  <Suspense>{open !== null && <Loaded open={open} onOpen={onOpen} />}</Suspense>
)
