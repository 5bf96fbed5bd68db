/** What went wrong, in words that say what to do. */
import { Disconnected, RpcError } from '../../../client/index.ts'
import { Button } from './button.tsx'
import { isRateLimited } from './refusals.ts'

type Props = { readonly error: unknown; readonly onRetry?: () => void }

/** Shows nothing as long as there is no error. */
export const Problem = ({ error, onRetry }: Props) =>
  error === null || error === undefined ? null : (
    <div className="problem" role="alert">
      <p>{textOf(error)}</p>
      {onRetry && <Button onPress={onRetry}>Try again</Button>}
    </div>
  )

export const textOf = (error: unknown): string => {
  if (error instanceof RpcError)
    return isRateLimited(error) ? waiting(error.retryAfter ?? 60) : error.text
  if (error instanceof Disconnected)
    return error.sent
      ? 'The connection was lost before the answer came. If this was a change, look whether it was made before you try again.'
      : 'The service can’t be reached. Nothing was sent; try again.'
  return 'Something went wrong on this page. Reload it, and try again.'
}

// ---------------------------------------------------------------------------------------------

/** Whether the account exists isn't known here: the service refuses both alike. */
const waiting = (seconds: number): string => {
  const minutes = Math.ceil(seconds / 60)
  const time = minutes === 1 ? 'a minute' : `${minutes} minutes`
  return `Too many wrong passwords or codes. Wait ${time}, and try again; or sign in from a network where you did within the last 30 days.`
}
