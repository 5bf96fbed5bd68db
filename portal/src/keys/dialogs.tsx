/** The dialog that is open over the keys, if one is. A key that was just made is kept nowhere but here. */
import { Suspense } from 'react'
import { lazily } from '../ui/lazily.ts'
import type { Open } from './key-dialogs.tsx'

const load = () => import('./key-dialogs.tsx')
const Loaded = lazily(async () => (await load()).KeyDialog)

type Props = { readonly open: Open | null; readonly onOpen: (open: Open | null) => void }

export const KeyDialogs = ({ open, onOpen }: Props) => (
  <Suspense>{open !== null && <Loaded open={open} onOpen={onOpen} />}</Suspense>
)
