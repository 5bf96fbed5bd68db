/** Errors: the seven codes, what `error.data` says, and every reason there is. */
import type { FC } from 'hono/jsx'
import { ERRNO } from '../../shared/domain/fault.ts'
import type { Extension } from '../../shared/domain/versions.ts'
import { CALLS_IN_FLIGHT } from '../../shared/limits/calls.ts'
import { type ErrorData, failure, RPC } from '../../shared/rpc/frame.ts'
import { faultRow, faultsIn } from './faults.tsx'
import type { Docs } from './model.ts'
import { Frames, Json, Ours, Section, Table } from './parts.tsx'
import { SCHEMA_TEXTS } from './texts/errors.ts'

export const ErrorsSection: FC<{ docs: Docs }> = ({ docs }) => (
  <Section id="errors" title="Errors">
    <p>A refused or failed call is answered by an error. Its code is one of seven:</p>
    <Table
      caption="Codes"
      head={['Code', 'When', 'error.data']}
      rows={[
        [code(RPC.INVALID_JSON), 'broken JSON, a batch, or no object; id is null', 'absent'],
        [code(RPC.INVALID_REQUEST), 'the object is no request', 'absent'],
        [code(RPC.METHOD_NOT_FOUND), 'there is no such method in this version', 'absent'],
        [code(RPC.INVALID_PARAMS), 'parameters break a rule', 'which rules'],
        [code(RPC.CALL_ERROR), 'every other failure of a call', 'why'],
        [
          code(RPC.TOO_MANY_CALLS),
          `more than ${CALLS_IN_FLIGHT} calls of this socket have no answer yet`,
          'absent',
        ],
        [
          code(RPC.INTERNAL),
          'TrueNAS sends it for a result that can not be written; this service never does',
          'absent',
        ],
      ]}
    />
    <p>
      What is checked first is answered first: the request, then the method, the number of calls,
      the login or the rate limit, the roles, the parameters, and last what the method itself finds.
    </p>
    <h3 id="error-data">error.data</h3>
    <Table
      caption="Members of error.data"
      head={['Name', 'Type', 'Meaning']}
      rows={[
        [<code>error</code>, 'integer', 'A number for the kind of failure: see the names below.'],
        [<code>errname</code>, 'string', 'Its name.'],
        [
          <code>reason</code>,
          'string',
          'Text for people. As a rule it begins with the name in brackets.',
        ],
        [<code>trace</code>, 'null', 'Always null here.'],
        [
          <code>extra</code>,
          'list or null',
          `With ${RPC.INVALID_PARAMS} each broken rule as [attribute, message, errno]. The attribute is the path of the parameter, or null.`,
        ],
        [
          <code>made</code>,
          'integer, or absent',
          <>
            <Ours {...OUR_DATA.made} /> The number of what an earlier call with the same{' '}
            <code>idempotency_key</code> made or changed.
          </>,
        ],
        [
          <code>retry_after</code>,
          'integer, or absent',
          <>
            <Ours {...OUR_DATA.retry_after} /> Seconds after which calling again may help. With
            every <a href="#error-RATE_LIMITED">Rate Limit Exceeded</a>, and where a session
            guesses.
          </>,
        ],
      ]}
    />
    <Frames lines={docs.talk['invalid-params']} />
    <p>
      What does not exist is told in the same way. <code>error.data.error</code> is 22 also then;
      the inner number is that of ENOENT:
    </p>
    <Frames lines={docs.talk['not-found']} />
    <Table
      caption="Numbers and names of failures"
      head={['Number', 'Name']}
      rows={Object.entries(ERRNO).map(([name, number]) => [String(number), name])}
    />
    <h3 id="reasons">Reasons</h3>
    <Table
      caption="Every reason"
      head={['Reason', 'Code', 'When']}
      rows={faultsIn(docs).map((fault) => faultRow(fault))}
      ids={faultsIn(docs).map((fault) => `error-${fault}`)}
    />
    <Table
      caption="What types and limits of parameters say"
      head={['Message', 'When']}
      rows={SCHEMA_TEXTS.map(([text, when]) => [<span class="reason">{text}</span>, when])}
    />
    <h3 id="error-examples">Examples</h3>
    {EXAMPLES.map((name) => (
      <Frames lines={docs.talk[name]} />
    ))}
    <Json label="One call too many is answered" value={TOO_MANY} />
  </Section>
)

/** As `rpc/dispatch.ts` has it; a test holds them together. */
export const TOO_MANY_TEXT = `Maximum number of concurrent calls (${CALLS_IN_FLIGHT}) has exceeded`

/** Members of `error.data` that TrueNAS doesn't have. */
export const OUR_DATA = {
  made: { since: '0.1.0' },
  retry_after: { since: '0.1.0' },
} as const satisfies Partial<Record<keyof ErrorData, Extension>>

// ---------------------------------------------------------------------------------------------

const EXAMPLES = [
  ...['not-authenticated', 'not-authorized', 'unknown-method', 'params-object'],
  ...['no-version', 'broken-json', 'batch', 'scalar'],
]

const code = (number: number) => <code>{number}</code>

const TOO_MANY = JSON.parse(failure(21, RPC.TOO_MANY_CALLS, TOO_MANY_TEXT))
