/** User API Keys (docs/protocol/portal.md §9): everybody's, or one user's. */
import { useState } from 'react'
import { Link } from 'wouter'
import type { ApiKey } from '../../../client/index.ts'
import { useMe } from '../session.ts'
import { Button } from '../ui/button.tsx'
import { Problem } from '../ui/problem.tsx'
import { useTitle } from '../ui/title.ts'
import { useDialog } from '../ui/use-dialog.ts'
import { useSettled } from '../ui/use-settled.ts'
import { type Condition, toFilters } from './advanced.ts'
import { KeyDialogs } from './dialogs.tsx'
import { NoKeys } from './empty.tsx'
import type { Open } from './key-dialogs.tsx'
import { containing, type KeyQuery, NEWEST, type Sort } from './key-query.ts'
import { Pager } from './pager.tsx'
import { SearchBar } from './search-bar.tsx'
import { SearchProgress } from './search-progress.tsx'
import { KeyTable } from './table.tsx'
import { useKeys } from './use-keys.ts'
import { useLastUsed } from './use-last-used.ts'
import { useTotal } from './use-total.ts'

/** @param owner whose keys; null for all the tenant's. */
export const KeysScreen = ({ owner }: { readonly owner: string | null }) => {
  const { me, can } = useMe()
  const isMine = owner === me.pw_name
  const title = isMine ? 'My API Keys' : owner === null ? 'User API Keys' : `API keys of ${owner}`
  useTitle(title)
  if (!can('API_KEY_READ'))
    return (
      <>
        <h1>{title}</h1>
        <p>
          Your roles don’t let you see or make API keys. That takes one of READONLY_ADMIN,
          API_KEY_READ or API_KEY_WRITE; an administrator of your tenant can give it to you.
        </p>
      </>
    )
  return <Keys owner={owner} title={title} mayAdd={isMine || can('API_KEY_WRITE')} />
}

// ---------------------------------------------------------------------------------------------

type Props = { readonly owner: string | null; readonly title: string; readonly mayAdd: boolean }

const Keys = ({ owner, title, mayAdd }: Props) => {
  const [text, setText] = useState('')
  const [conditions, setConditions] = useState<readonly Condition[]>([])
  const settled = useSettled(conditions)
  const [sort, setSort] = useState<Sort>(NEWEST)
  const [open, setOpen] = useDialog<Open>()
  const ask: KeyQuery = {
    username: owner,
    filters: [...toFilters(settled), ...containing(text.trim())],
    sort,
  }
  const keys = useKeys(ask)
  const total = useTotal()
  const lastUsed = useLastUsed(keys.rows)
  const isFiltered = ask.filters.length > 0
  const isEmpty = !keys.busy && keys.error === null && keys.rows.length === 0 && keys.page === 1

  return (
    <>
      <div className="heading">
        <h1>{title}</h1>
        {owner === null && total !== null && (
          <p className="muted">
            {total.toLocaleString('en')} {total === 1 ? 'key' : 'keys'}
          </p>
        )}
        {owner !== null && <Link href="/keys">All users’ keys</Link>}
        {mayAdd && (
          <Button kind="primary" onPress={() => setOpen({ name: 'add', owner })}>
            Add
          </Button>
        )}
      </div>
      <SearchBar
        text={text}
        onText={setText}
        conditions={conditions}
        onConditions={setConditions}
      />
      <SearchProgress progress={keys.progress} found={keys.rows.length} busy={keys.busy} />
      <Problem error={keys.error} onRetry={keys.reload} />
      {keys.added > 0 && (
        <p className="notice-line" role="status">
          {keys.added === 1 ? 'A key was' : `${keys.added} keys were`} added meanwhile.{' '}
          <Button kind="quiet" onPress={keys.reload}>
            Load anew
          </Button>
        </p>
      )}
      {isEmpty ? (
        <NoKeys filtered={isFiltered} mine={owner !== null} />
      ) : (
        <KeyTable
          label={title}
          keys={keys.rows}
          lastUsed={lastUsed}
          busy={keys.busy}
          sort={sort}
          onSort={setSort}
          onAction={(name: Exclude<Open['name'], 'add' | 'shown'>, key: ApiKey) =>
            setOpen({ name, key })
          }
        />
      )}
      <Pager {...keys} total={owner === null && !isFiltered ? total : null} />
      <KeyDialogs open={open} onOpen={setOpen} />
    </>
  )
}
