import { useState } from 'react'
import { Cell, Column, Row, Table, TableBody, TableHeader } from 'react-aria-components/Table'
import type { Session } from '../../../client/index.ts'
import { Button } from '../ui/button.tsx'
import { Problem } from '../ui/problem.tsx'
import { Time } from '../ui/time.tsx'
import { holderOf } from './holder.ts'

type Props = {
  readonly sessions: readonly Session[]
  readonly busy: boolean
  /** Null for who may only look. */
  readonly onEnd: ((id: string) => Promise<void>) | null
}

export const SessionTable = ({ sessions, busy, onEnd }: Props) => (
  <div className="table-frame" aria-busy={busy}>
    <Table className="table sessions" aria-label="Sessions">
      <TableHeader>
        <Column id="user" isRowHeader>
          User
        </Column>
        <Column id="by">Logged In By</Column>
        <Column id="from">From</Column>
        <Column id="secure">Encrypted</Column>
        <Column id="since">Since</Column>
        <Column id="actions">Actions</Column>
      </TableHeader>
      <TableBody
        items={sessions}
        renderEmptyState={() => (busy ? <p className="muted">Loading…</p> : null)}
      >
        {(session) => {
          const { username, by } = holderOf(session)
          return (
            <Row id={session.id} textValue={username}>
              <Cell>
                {username} {session.current && <span className="badge">this session</span>}
              </Cell>
              <Cell data-label="By">{by}</Cell>
              <Cell data-label="From">{session.origin}</Cell>
              <Cell data-label="Encrypted">
                {session.secure_transport ? 'Yes' : <span className="badge danger">No</span>}
              </Cell>
              <Cell data-label="Since">
                <Time at={session.created_at} relative />
              </Cell>
              <Cell>
                {onEnd !== null && !session.current && (
                  <EndButton who={username} end={() => onEnd(session.id)} />
                )}
              </Cell>
            </Row>
          )
        }}
      </TableBody>
    </Table>
  </div>
)

// ---------------------------------------------------------------------------------------------

const EndButton = ({ who, end }: { readonly who: string; readonly end: () => Promise<void> }) => {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const press = async (): Promise<void> => {
    setBusy(true)
    setError(null)
    await end().catch(setError)
    setBusy(false)
  }
  return (
    <>
      <Button
        isPending={busy}
        aria-label={`End the session of ${who}`}
        onPress={() => void press()}
      >
        End
      </Button>
      <Problem error={error} />
    </>
  )
}
