/** Frames, logins and events of the documentation, executed in each version. `npm run examples` writes
 * them anew. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { toWire } from '../../shared/domain/ejson.ts'
import { VERSIONS, type Version } from '../../shared/domain/versions.ts'
import type { Line } from '../../tools/docs/recorded.ts'
import { REAL_ROUNDS } from '../kit/costs.ts'
import { type Rig, startRig } from '../kit/service.ts'
import { masked } from './mask.ts'
import { PASSWORDS } from './story.ts'
import { hold } from './talk.ts'

const FILE = join(import.meta.dirname, 'recorded/talk.json')

const rigs: Rig[] = []
const talks = new Map<Version, Record<string, Line[]>>()
const secrets: string[] = []
beforeAll(async () => {
  for (const version of VERSIONS) {
    const rig = await startRig({}, REAL_ROUNDS)
    rigs.push(rig)
    const talk: Record<string, Line[]> = {}
    talks.set(version, talk)
    await hold(rig, version, (name, from, frame) => {
      const wire = toWire(frame)
      for (const text of JSON.stringify(wire).matchAll(/\d{10}-([A-Za-z0-9]{64})/g))
        secrets.push(text[1] ?? '')
      talk[name] ??= []
      talk[name].push({ from, frame: shortened(masked(wire)) })
    })
  }
})
afterAll(() => Promise.all(rigs.map((rig) => rig.close())))

it('are what went over the socket', async () => {
  const text = `${JSON.stringify(Object.fromEntries(talks), null, 2)}\n`
  await expect(text, 'npm run examples writes it anew').toMatchFileSnapshot(FILE)
})

it('have an answer each, but the notification', () => {
  for (const talk of talks.values())
    for (const [name, lines] of Object.entries(talk)) {
      const answered = lines.some(({ from }) => from === 'service')
      expect(answered, name).toBe(name !== 'notification')
    }
})

it('show no secret', () => {
  const text = JSON.stringify([...talks.values()])
  expect(secrets.length).toBeGreaterThan(2)
  for (const secret of [...secrets, ...PASSWORDS]) expect(text.includes(secret)).toBe(false)
})

// ---------------------------------------------------------------------------------------------

/** SCRAM's messages say what stands where. */
const shortened = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shortened)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      name === 'rfc_str' && typeof part === 'string' ? scramText(part) : shortened(part),
    ]),
  )
}

const scramText = (text: string): string =>
  text.replace(
    /(^|,)([rspv])=[^,]+/g,
    (_, before: string, letter: string) =>
      `${before}${letter}=(${{ r: 'nonce', s: 'salt', p: 'proof', v: 'signature' }[letter]})`,
  )
