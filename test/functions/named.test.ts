/** What is done on an event has an id in the log: the request's, or the run's. */
import { expect, it, vi } from 'vitest'
import { namedRun } from '../../functions/events/named.ts'
import { readStream } from '../../functions/events/stream.ts'
import { createLog } from '../../shared/log.ts'
import { createMetrics } from '../../shared/metrics.ts'

const log = createLog(() => 0)
const said = async (work: () => Promise<unknown>): Promise<unknown> => {
  const lines: string[] = []
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    lines.push(String(text))
    return true
  })
  await work().finally(() => spy.mockRestore())
  return lines.map((line) => JSON.parse(line).request)
}

it('a reader of the stream, the id of its run', async () => {
  const read = readStream({ metrics: createMetrics('Here') }, async () => {
    await null
    log.error('a change was not told')
    return null
  })
  const run = (awsRequestId: string) =>
    read({ Records: [] }, { awsRequestId, getRemainingTimeInMillis: () => 1000 })
  expect((await said(() => Promise.all([run('run-1'), run('run-2')]))) as string[]).toEqual([
    'run-1',
    'run-2',
  ])
})

it('a sweep too, also in what breaks it', async () => {
  const sweep = namedRun(async (_event: unknown, _run: { awsRequestId?: string }) => {
    log.info('swept')
    throw new Error('one item failed')
  })
  const run = () => expect(sweep({}, { awsRequestId: 'run-3' })).rejects.toThrow('one item')
  expect(await said(async () => void (await run()))).toEqual(['run-3'])
})
