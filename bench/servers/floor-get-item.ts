/** Floor: the least that a read from DynamoDB costs, one GetItem signed by hand (AWS's Signature Version 4)
 * on a connection that stays open, without an SDK. */
import { createHash, createHmac } from 'node:crypto'
import { Agent, request as ask } from 'node:http'
import { repeat } from '../run/many.ts'
import { toSample } from '../run/stats.ts'
import { answerQuestions } from './parts/answering.ts'

type Start = { readonly url: string; readonly bodies: readonly string[] }

const agent = new Agent({ keepAlive: true })
let target: Start = { url: '', bodies: [] }

answerQuestions({
  start: (argument: Start) => {
    target = argument
  },
  run: async (seconds: number) => {
    const before = process.cpuUsage()
    const { bodies } = target
    const { times, ms } = await repeat(seconds, async (_, turn) => {
      const answer = await getItem(bodies[turn % bodies.length] ?? '')
      if (!answer.includes('"Item"')) throw new Error(`GetItem answered ${answer.slice(0, 200)}`)
    })
    const { user, system } = process.cpuUsage(before)
    return toSample(times, ms, user + system)
  },
})

// ---------------------------------------------------------------------------------------------

const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_REGION = '' } = process.env
const SIGNED = 'content-type;host;x-amz-date;x-amz-target'
const TYPE = 'application/x-amz-json-1.0'
const TARGET = 'DynamoDB_20120810.GetItem'

const hmac = (key: Buffer | string, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest()
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

let signingKey: { readonly day: string; readonly key: Buffer } | null = null
const signingKeyOf = (day: string): Buffer => {
  if (signingKey?.day !== day) {
    const parts = [day, AWS_REGION, 'dynamodb', 'aws4_request']
    const key = parts.reduce<Buffer | string>(hmac, `AWS4${AWS_SECRET_ACCESS_KEY}`)
    signingKey = { day, key: Buffer.from(key) }
  }
  return signingKey.key
}

const signed = (host: string, body: string): Record<string, string> => {
  const time = new Date().toISOString().replace(/[:-]|\.\d{3}/g, '')
  const day = time.slice(0, 8)
  const canonical = `POST\n/\n\ncontent-type:${TYPE}\nhost:${host}\nx-amz-date:${time}\nx-amz-target:${TARGET}\n\n${SIGNED}\n${sha256(body)}`
  const scope = `${day}/${AWS_REGION}/dynamodb/aws4_request`
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`
  const signature = hmac(signingKeyOf(day), text).toString('hex')
  return {
    'Content-Type': TYPE,
    'X-Amz-Date': time,
    'X-Amz-Target': TARGET,
    'Content-Length': String(Buffer.byteLength(body)),
    Authorization: `AWS4-HMAC-SHA256 Credential=${AWS_ACCESS_KEY_ID}/${scope}, SignedHeaders=${SIGNED}, Signature=${signature}`,
  }
}

const getItem = (body: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { host } = new URL(target.url)
    const options = { method: 'POST', agent, headers: signed(host, body) }
    const request = ask(target.url, options, (reply) => {
      let text = ''
      reply.setEncoding('utf8')
      reply.on('data', (part) => {
        text += part
      })
      reply.on('end', () => resolve(text))
      reply.on('error', reject)
    })
    request.on('error', reject)
    request.end(body)
  })
