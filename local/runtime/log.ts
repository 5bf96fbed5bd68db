/**
 * What functions print, line by line, so that lines of several processes don't mix, and each is JSON: what is none, such as
 * a warning of Node.js, becomes a line of ours. Metrics (CloudWatch's embedded format) are counted as if this process had,
 * and left out; POWERTOOLS_METRICS_DISABLED=false shows them.
 */
import type { Readable } from 'node:stream'
import { COUNTED, type Counted, METRICS, type MetricName } from '../../shared/metrics.ts'
import { log } from '../log.ts'

/** Hands on the whole lines of a stream until it ends, and then the rest. */
export const followLines = (stream: Readable, write: (line: string) => void): void => {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) write(line)
  })
  stream.on('end', () => {
    if (rest !== '') write(rest)
  })
}

/** @returns takes the lines of a function. @param name of it. */
export const createToOurLog =
  (name: string) =>
  (line: string): void => {
    if (line.startsWith('{"_aws":')) {
      count(line)
      if (process.env.POWERTOOLS_METRICS_DISABLED !== 'false') return
    }
    if (line.startsWith('{')) process.stderr.write(`${line}\n`)
    else if (line.trim() !== '') log.info(line, { function: name })
  }

// ---------------------------------------------------------------------------------------------

/** A metric that was added once is a number, else a list of them. */
const count = (line: string): void => {
  let printed: Partial<Record<string, unknown>>
  try {
    printed = JSON.parse(line)
  } catch {
    return
  }
  for (const name of Object.keys(METRICS) as MetricName[])
    for (const value of [printed[name] ?? []].flat())
      if (typeof value === 'number') COUNTED.publish({ name, value } satisfies Counted)
}
