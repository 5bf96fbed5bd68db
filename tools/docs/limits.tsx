/** Limits, from where the service keeps them. */
import type { FC } from 'hono/jsx'
import { INVITATIONS_AN_HOUR } from '../../shared/devices/commands.ts'
import { DEEPEST, MOST_LISTS, MOST_MEMBERS } from '../../shared/domain/json.ts'
import { CALLS_IN_FLIGHT, MESSAGE, REPLY_BYTES } from '../../shared/limits/calls.ts'
import { LOGIN_MS } from '../../shared/sessions/session.ts'
import { OPEN_TOKENS } from '../../shared/store/tokens.ts'
import { ROW, TRIES_A_WINDOW, TRIES_AFTER_ROW } from '../../shared/store/tries-items.ts'
import type { Docs } from './model.ts'
import { Section, Table } from './parts.tsx'

export const LimitsSection: FC<{ docs: Docs }> = ({ docs }) => (
  <Section id="limits" title="Limits">
    <Table
      caption="Limits, and what happens"
      head={['Limit', 'Value', 'What happens']}
      rows={[
        ['A message before login', `${MESSAGE.anonymous} characters`, 'the socket is closed: 1007'],
        ['A message after login', `${MESSAGE.session} characters`, 'the socket is closed: 1009'],
        [
          'A frame; a message of several',
          '32 KiB; 128 KiB',
          'the socket is closed: 1009. Send longer messages in several frames',
        ],
        ['A binary frame', 'none', 'the socket is closed: 1003'],
        [
          'Lists and objects of a message; within one another; members of an object',
          `${MOST_LISTS}; ${DEEPEST}; ${MOST_MEMBERS}`,
          'error -32700, with the id of the call',
        ],
        [
          'Numbers; texts; dates',
          '±(2⁵³ − 1), but for the id; without half surrogate pairs; years 1 to 9999, in UTC',
          'error -32700, with the id of the call',
        ],
        ['Calls without an answer, on a socket', String(CALLS_IN_FLIGHT), 'error -32000'],
        [
          'Wrong passwords, one-time codes and recovery codes of an account',
          `${TRIES_A_WINDOW} an hour from networks that logged in by password within 30 days, and as many from all others together; ${TRIES_AFTER_ROW} an hour after ${ROW} in a row`,
          'EBUSY; the socket stays. retry_after says how many seconds to wait',
        ],
        [
          'Calls before login, of an address (IPv6: a /64)',
          '12 000 a minute, for each process; an operator may set another number',
          'EBUSY; the socket stays',
        ],
        [
          'An answer',
          `${REPLY_BYTES / 1024} KiB`,
          <>
            EMSGSIZE: ask for less by <code>limit</code> and <code>select</code>
          </>,
        ],
        ['Subscriptions on a socket', '50', 'EBUSY'],
        ['Open tokens of a session', `${OPEN_TOKENS}; none of a device's`, 'EBUSY; EACCES'],
        [
          'A login, with all that goes on from it by tokens',
          `${LOGIN_MS / 86_400_000} days`,
          'EACCES: log in anew',
        ],
        ['Enrolment tokens of a tenant', `${INVITATIONS_AN_HOUR} an hour of the clock`, 'EBUSY'],
        ['A socket without a frame', '10 minutes', 'the socket is closed'],
        ['The life of a socket', '2 hours', 'the socket is closed'],
        ['A call', '29 seconds', 'the answer may never come: call again'],
      ]}
    />
    <p>
      In the cloud the gateway closes sockets with a code of its own, so take the codes here as a
      hint. Queries have <a href={`${docs.base}query.html#limits`}>limits of their own</a>.
    </p>
  </Section>
)
