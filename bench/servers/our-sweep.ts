/** One sweep, by the function's own handler. */
import { answerQuestions } from './parts/answering.ts'

answerQuestions({
  run: async () => {
    const { handler } = await import('../../functions/sweep.ts')
    const before = process.cpuUsage()
    const began = performance.now()
    const { done } = await handler({}, { awsRequestId: 'bench' })
    const ms = performance.now() - began
    const { user, system } = process.cpuUsage(before)
    return { done, ms, cpu: user + system }
  },
})
