/** Lets all work on an event know the id of the request that it is. */
import { workOn } from '../../shared/domain/carried.ts'

/** API Gateway's, which no client chooses. */
type Named = { readonly requestContext: { readonly requestId?: string } }

export const named =
  <E extends Named, R>(handle: (event: E) => Promise<R>) =>
  (event: E): Promise<R> =>
    workOn(event.requestContext.requestId, () => handle(event))
