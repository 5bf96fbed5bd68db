/** The other end of `run/child.ts`: what a process under test can be asked. */
import type { Answer, Question } from '../../run/protocol.ts'

type Handlers = Readonly<Record<string, (argument: never) => unknown>>

/** Answers questions by name, `cpu` among them, until the asker is gone; then the process ends. */
export const answerQuestions = (handlers: Handlers): void => {
  const all: Handlers = { cpu, ...handlers }
  process.on('message', async (message) => {
    const { id, method, argument } = message as Question
    const send = (answer: Answer): void => void process.send?.(answer)
    try {
      const handler = all[method]
      if (handler === undefined) throw new Error(`nothing is called ${method} here`)
      send({ id, result: await handler(argument as never) })
    } catch (error) {
      send({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  })
  process.once('disconnect', () => process.exit())
}

// ---------------------------------------------------------------------------------------------

const cpu = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}
