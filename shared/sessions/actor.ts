/** Who acts in a call: from the session and the connection, never from parameters. */
import { idOf } from '../domain/key.ts'
import type { Actor } from '../store/audit.ts'
import type { Connection } from '../store/connection-items.ts'
import { authorityOf } from './authority.ts'
import type { LiveSession } from './session.ts'

/** A call of a session, as far as it says who acts. */
export type Acting = {
  readonly service: Parameters<typeof authorityOf>[0]
  readonly session: LiveSession
  readonly connection: Connection
  /** Whether the call has changed something so far. */
  readonly progress: { hasChanged: boolean }
}

export const actorOf = ({ service, session, connection, progress }: Acting): Actor => ({
  username: session.username,
  keyId: session.key === null ? null : idOf({ tenant: session.tenant, n: session.key.n }),
  address: connection.address,
  maker: {
    uid: session.uid,
    username: session.username,
    roles: session.roles,
    ceiling: session.ceiling,
  },
  authority: {
    ...authorityOf(service, session, connection),
    onChange: () => {
      progress.hasChanged = true
    },
  },
})
