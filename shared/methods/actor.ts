/** Who acts in a call: from the session and the connection, never from parameters. */

import { idOf } from '../domain/key.ts'
import type { SessionCall } from '../rpc/method.ts'
import { authorityOf } from '../sessions/authority.ts'
import type { Actor } from '../store/audit.ts'

export const actorOf = ({ service, session, connection, progress }: SessionCall): Actor => ({
  username: session.username,
  keyId: session.key === null ? null : idOf({ tenant: session.tenant, n: session.key.n }),
  address: connection.address,
  maker: { uid: session.uid, roles: session.roles, ceiling: session.ceiling },
  authority: {
    ...authorityOf(service, session, connection),
    onChange: () => {
      progress.hasChanged = true
    },
  },
})
