/** Whether a key is revoked, and why. */
import type { ApiKey } from '../../../client/index.ts'

export const RevokedBadge = ({ entry }: { readonly entry: ApiKey }) =>
  entry.revoked ? (
    <span className="badge danger">
      Yes{entry.revoked_reason && <span className="reason">: {entry.revoked_reason}</span>}
    </span>
  ) : (
    <>No</>
  )
