/** Failures as rows of a table. */
import type { Child } from 'hono/jsx'
import { ERRNO, FAULTS, type FaultCode } from '../../shared/domain/fault.ts'
import type { Docs } from './model.ts'
import { MEANING } from './texts/errors.ts'

/** `reason` as it reads on the wire; `…` stands for what differs. */
export const reasonOf = (code: FaultCode): string => {
  if (code === 'INVALID') return FAULTS[code].text
  const { errno, text, ...rest } = FAULTS[code]
  const shown = SAID[code] ?? text.replace(/\{\w+\}/g, '…')
  return 'bare' in rest ? shown : `[${errno}] ${shown}`
}

export const faultRow = (code: FaultCode): Child[] => {
  const { rpc, errno } = FAULTS[code]
  return [
    <span class="reason">{reasonOf(code)}</span>,
    <>
      <code>{rpc}</code>
      {code !== 'INVALID' && ` ${errno} ${ERRNO[errno]}`}
    </>,
    MEANING[code],
  ]
}

/** What the methods of a version can answer. */
export const faultsIn = (docs: Docs): readonly FaultCode[] => {
  const reachable = new Set(docs.methods.flatMap((method) => method.faults))
  return (Object.keys(MEANING) as FaultCode[]).filter((fault) => reachable.has(fault))
}

// ---------------------------------------------------------------------------------------------

/** Where the whole text differs. */
const SAID: Partial<Record<FaultCode, string>> = {
  NOT_COMPARABLE: "'…' not supported between instances of '…' and '…', or the like",
  LIMIT_REACHED: 'A connection has … subscriptions at the most; end one by core.unsubscribe first',
}
