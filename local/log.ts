/** What is said while the service runs, by this process for itself and for AWS: lines as the functions' own. What a person reads at
 * a start or instead of one is no such line. */
import { createLog } from '../shared/log.ts'

export const log = createLog(Date.now)

/** The id of the request that an event is; undefined of one that is none. */
export const requestOf = (event: unknown): string | undefined =>
  (event as { requestContext?: { requestId?: string } } | null | undefined)?.requestContext
    ?.requestId
