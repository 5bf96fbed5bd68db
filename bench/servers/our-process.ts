/**
 * Checks in this process, without a listener: by the Lambda function's own handler, fed with API Gateway's
 * events, or by the function below it. What they read comes from DynamoDB through the SDK, or from
 * memory without a line of the SDK being run: then what is left is our own work.
 */
import { parseEnv } from '../../shared/env.ts'
import { checkKeys } from '../../shared/keys/check.ts'
import { createChecks } from '../../shared/service.ts'
import { repeat } from '../run/many.ts'
import { toSample } from '../run/stats.ts'
import { answerQuestions } from './parts/answering.ts'
import { readFromMemory } from './parts/read-from-memory.ts'

export type ProcessStart = {
  readonly reads: 'memory' | 'dynamodb'
  readonly layer: 'handler' | 'check'
  /** How many are under way at once: Lambda gives a process one event at a time. */
  readonly atOnce: number
}
export type ProcessRequest = {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}
type Reply = { readonly statusCode: number; readonly body: string }

let service: ReturnType<typeof createChecks> | null = null
let handler: ((event: object) => Promise<Reply>) | null = null
/** Both made beforehand: API Gateway makes events, not we. */
let requests: readonly ProcessRequest[] = []
let events: readonly object[] = []
let atOnce = 1

const ask = async (turn: number): Promise<Reply> => {
  const at = turn % requests.length
  const request = requests[at]
  const event = events[at]
  if (request === undefined || event === undefined) throw new Error('there is nothing to ask')
  if (handler !== null) return handler(event)
  if (service === null) throw new Error('not started')
  const caller = request.headers.authorization?.slice('Bearer '.length) ?? ''
  const token = new URLSearchParams(request.body).get('token') ?? ''
  const verdicts = await checkKeys(service, [caller, token])
  const active = verdicts.every(({ state }) => state === 'active')
  return { statusCode: 200, body: JSON.stringify({ active }) }
}

const use = (wanted: readonly ProcessRequest[]): void => {
  requests = wanted
  events = wanted.map(eventOf)
}

answerQuestions({
  start: async ({ reads, layer, ...start }: ProcessStart) => {
    atOnce = start.atOnce
    if (reads === 'memory') readFromMemory()
    if (layer === 'check') service = createChecks({ env: parseEnv(process.env) })
    else handler = (await import('../../functions/introspect.ts')).handler as never
  },
  /** What is asked from now on. */
  use,
  /** The same, and each is asked once. @returns the answers. */
  ask: async (wanted: readonly ProcessRequest[]) => {
    use(wanted)
    const replies: Reply[] = []
    for (const turn of wanted.keys()) replies.push(await ask(turn))
    return replies
  },
  /** Asks so often, one after the other. @returns how often it was answered how. */
  times: async (count: number) => {
    const answers: Record<string, number> = {}
    for (let turn = 0; turn < count; turn++) {
      const { statusCode, body } = await ask(turn)
      const answer = `${statusCode} ${body.includes('"active":true') ? 'active' : 'inactive'}`
      answers[answer] = (answers[answer] ?? 0) + 1
    }
    return answers
  },
  run: async (seconds: number) => {
    const before = process.cpuUsage()
    const act = async (_: number, turn: number): Promise<void> => {
      const { statusCode, body } = await ask(turn)
      if (statusCode !== 200) throw new Error(`answered ${statusCode}: ${body}`)
    }
    const { times, ms } = await repeat(seconds, act, atOnce)
    const { user, system } = process.cpuUsage(before)
    return toSample(times, ms, user + system)
  },
})

// ---------------------------------------------------------------------------------------------

/** As API Gateway's HTTP API sends it (payload format 2.0): forms are base64, JSON is text. */
function eventOf({ path, headers, body }: ProcessRequest): object {
  const isText = headers['content-type'] === 'application/json'
  return {
    version: '2.0',
    routeKey: `ANY ${path}`,
    rawPath: path,
    rawQueryString: '',
    headers: {
      host: 'keyharbor.example',
      'x-forwarded-proto': 'https',
      'user-agent': 'bench',
      'content-length': String(body.length),
      ...headers,
    },
    requestContext: {
      accountId: '000000000000',
      apiId: 'bench',
      domainName: 'keyharbor.example',
      domainPrefix: 'keyharbor',
      http: {
        method: 'POST',
        path,
        protocol: 'HTTP/1.1',
        sourceIp: '192.0.2.1',
        userAgent: 'bench',
      },
      requestId: 'bench',
      routeKey: `ANY ${path}`,
      stage: '$default',
      time: '01/Jan/2026:00:00:00 +0000',
      timeEpoch: 1_767_225_600_000,
    },
    body: isText ? body : Buffer.from(body).toString('base64'),
    isBase64Encoded: !isText,
  }
}
