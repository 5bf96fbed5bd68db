/** What a process has asked of AWS between two looks at the record. */
import type { Counts } from '../../local/record/record.ts'

export type Units = {
  /** Requests to DynamoDB. */
  readonly calls: number
  /** Units, as DynamoDB says that they were consumed. */
  readonly reads: number
  readonly writes: number
  readonly kms: number
}

/** @param name as which the process is known to the cloud. */
export const unitsOf = (name: string, before: Counts, after: Counts): Units => {
  const total = { calls: 0, reads: 0, writes: 0, kms: 0 }
  for (const [operation, now] of Object.entries(after[name]?.requests ?? {})) {
    const then = before[name]?.requests[operation] ?? { calls: 0, units: 0 }
    const calls = now.calls - then.calls
    if (operation.startsWith('kms:')) {
      total.kms += calls
      continue
    }
    total.calls += calls
    total[READ.test(operation) ? 'reads' : 'writes'] += now.units - then.units
  }
  return total
}

// ---------------------------------------------------------------------------------------------

const READ = /^dynamodb:(BatchGetItem|GetItem|Query|TransactGetItems)$/
