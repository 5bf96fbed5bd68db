/** What the readers of the table's stream make of changes, without the stream. */
import { closeEnded } from '../../shared/live/close.ts'
import type { Change } from '../../shared/live/rounds.ts'
import { tellSubscribers } from '../../shared/live/tell.ts'
import type { Service } from '../../shared/service.ts'

/** @throws what a change failed with. */
export const streamed = async (service: Service, ...changes: readonly Change[]): Promise<void> => {
  for (const read of [closeEnded, tellSubscribers])
    if ((await read(service, changes, () => 60_000)) !== null)
      throw new Error('a change is not done')
}
