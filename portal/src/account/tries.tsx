/** Who guesses at the own password or codes: what the service counted in this hour, and what that holds up. */
import type { Me } from '../session.ts'
import { Time } from '../ui/time.tsx'

type Counted = NonNullable<Me['tries']>['known_networks']

/** Shows nothing where nothing was wrong. */
export const Tries = ({ tries }: Pick<Me, 'tries'>) => {
  if (tries === null) return null
  const { known_networks: known, other_networks: others } = tries
  if (known.wrong === 0 && others.wrong === 0) return null
  return (
    <section className="card" aria-labelledby="tries">
      <h2 id="tries">Wrong passwords and codes</h2>
      <Line of={known} from="From networks where you signed in within 30 days" />
      <Line of={others} from="From other networks" />
      <p>If that was not you: a long password and a second factor can’t be guessed at this rate.</p>
    </section>
  )
}

// ---------------------------------------------------------------------------------------------

const Line = ({ of, from }: { readonly of: Counted; readonly from: string }) =>
  of.wrong === 0 ? null : (
    <p>
      {from}: {of.wrong}, the last from {of.last_from}.{' '}
      {of.until !== null && (
        <>
          {of.left === 0
            ? 'Nobody can sign in from there before'
            : `${of.left} more are tried before`}{' '}
          <Time at={of.until} />.
        </>
      )}
    </p>
  )
