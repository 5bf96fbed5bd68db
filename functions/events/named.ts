/** Lets all work on an event know the id of the request that it is; where it is none, of the run. */
import { workOn } from '../../shared/domain/carried.ts'

/** API Gateway's, which no client chooses. */
type Named = { readonly requestContext: { readonly requestId?: string } }

export const named =
  <E extends Named, R>(handle: (event: E) => Promise<R>) =>
  (event: E): Promise<R> =>
    workOn(event.requestContext.requestId, () => handle(event))

/** Lambda's own id of a run, as its lines have it too. */
type Run = { readonly awsRequestId?: string }

/** The same for what no request asks for: the sweep, and readers of the stream. */
export const namedRun =
  <E, C extends Run, R>(handle: (event: E, run: C) => Promise<R>) =>
  (event: E, run: C): Promise<R> =>
    workOn(run.awsRequestId, () => handle(event, run))
