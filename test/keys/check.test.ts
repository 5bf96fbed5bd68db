/** What a check answers, and what it takes to answer, by what it reads. */
import { createSecretKey, randomBytes } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { mintSecret } from '../../shared/crypto/random.ts'
import { parametersOf, toFacts } from '../../shared/crypto/salt.ts'
import type { DataKeys, Vault } from '../../shared/crypto/vault.ts'
import { digestOf, fingerprintOf, makeVerifier } from '../../shared/crypto/verifier.ts'
import { idOf, type KeyRef, parseKey, rawKey } from '../../shared/domain/key.ts'
import type { AccessClaims } from '../../shared/keys/access-token.ts'
import { checkPresented, evaluateToken, shownOf } from '../../shared/keys/check.ts'
import { toChecked } from '../../shared/store/key-items.ts'
import type { Keys } from '../../shared/store/keys.ts'
import { KEY_ITEM } from './items.ts'

const NOW = KEY_ITEM.createdAt
const OF = { tenant: 7, n: KEY_ITEM.n, generation: KEY_ITEM.generation }
const dataKeys = (): DataKeys => {
  const key = () => createSecretKey(randomBytes(32))
  return { seal: key(), hash: key(), nonce: key() }
}
const KEYS = dataKeys()
const SECRET = mintSecret(idOf(OF))
const SHOWN = parametersOf(KEYS, idOf(OF), 1)
const { sealed } = await makeVerifier(SECRET, OF, KEYS, SHOWN)

const keyOf = (more: object = {}) => {
  const fingerprint = fingerprintOf(digestOf(SECRET))
  return toChecked({ ...KEY_ITEM, sealed, fingerprint, ...more }, { tenant: OF.tenant }, null)
}
const vaultOf = (keys: DataKeys | null) => ({ keys: vi.fn(async () => keys) }) as unknown as Vault

const GOOD = parseKey(rawKey(idOf(OF), SECRET).reveal())
const madeUp = (n: number) => {
  const id = idOf({ ...OF, n })
  return parseKey(rawKey(id, mintSecret(id)).reveal())
}
const WRONG = madeUp(OF.n)
const UNKNOWN_ID = madeUp(OF.n + 1)
const MALFORMED = parseKey('a typing error')
const TOKEN: AccessClaims = {
  ...OF,
  id: idOf(OF),
  uid: KEY_ITEM.uid,
  roles: [],
  issuedAt: NOW,
  expires: NOW + 1,
}
const ENDED_TOKEN = { ...TOKEN, generation: 1 }

/** The states that a check finds, and what it took: reads, data keys, and waits that hide the time. */
const check = async (
  presented: Parameters<typeof checkPresented>[1],
  { key = keyOf(), keys = KEYS as DataKeys | null } = {},
) => {
  const vault = vaultOf(keys)
  const waitForStep = vi.fn(async () => {})
  const forCheck = vi.fn(async (refs: readonly KeyRef[]) =>
    refs.map(({ n }) => (n === OF.n ? key : null)),
  )
  const deps = { keys: { forCheck } as unknown as Keys, vault, now: () => NOW, waitForStep }
  const states = (await checkPresented(deps, presented)).map(({ state }) => state)
  const [reads, opened, hidden] = [forCheck, vi.mocked(vault.keys), waitForStep].map(
    ({ mock }) => mock.calls.length,
  )
  return { states, reads, opened, hidden }
}

describe('a check', () => {
  it('finds a good key, in the time that it takes', async () => {
    expect(await check([GOOD])).toEqual({ states: ['active'], reads: 1, opened: 1, hidden: 0 })
    expect(await check([TOKEN])).toEqual({ states: ['active'], reads: 1, opened: 0, hidden: 0 })
  })

  it('hides whether a key is there, and opens nothing for one that has another secret', async () => {
    for (const guess of [WRONG, UNKNOWN_ID])
      expect(await check([guess])).toEqual({ states: ['unknown'], reads: 1, opened: 0, hidden: 1 })
  })

  it('does not hide what everybody knows, or what we signed', async () => {
    expect(await check([MALFORMED])).toMatchObject({ states: ['unknown'], reads: 0, hidden: 0 })
    expect(await check([ENDED_TOKEN])).toMatchObject({ states: ['unknown'], reads: 1, hidden: 0 })
  })

  it('of many answers in their order, by one read, and hides a guess among them', async () => {
    const presented = Array.from({ length: 45 }, (_, at) => (at % 3 === 0 ? GOOD : MALFORMED))
    presented[44] = WRONG
    const { states, reads, hidden } = await check(presented)
    expect(states).toEqual(presented.map((one) => (one === GOOD ? 'active' : 'unknown')))
    expect([reads, hidden]).toEqual([1, 1])
  })

  it('knows no key whose data key is shredded, or whose seal is another’s', async () => {
    expect((await check([GOOD], { keys: null })).states).toEqual(['unknown'])
    expect((await check([GOOD], { keys: dataKeys() })).states).toEqual(['unknown'])
    expect((await check([GOOD], { key: keyOf({ generation: 4 }) })).states).toEqual(['unknown'])
  })

  it('believes no fingerprint', async () => {
    const fingerprint = fingerprintOf(digestOf(WRONG?.secret ?? SECRET))
    for (const key of [keyOf({ fingerprint }), keyOf({ fingerprint: undefined })])
      expect((await check([WRONG], { key })).states).toEqual(['unknown'])
  })
})

it('a token that expires after it was verified is expired', () => {
  expect(evaluateToken(TOKEN, keyOf(), NOW).state).toBe('active')
  expect(evaluateToken(TOKEN, keyOf(), NOW + 1).state).toBe('expired')
})

describe('the salt of a key', () => {
  it('is what stands beside its secret', async () => {
    const vault = vaultOf(KEYS)
    const other = { ...SHOWN, iterations: 2 }
    expect(await shownOf(vault, keyOf({ scram: toFacts(other) }))).toEqual(other)
    expect(vault.keys).not.toHaveBeenCalled()
  })

  it('is within the sealed secret of an older key, as long as that opens', async () => {
    expect(await shownOf(vaultOf(KEYS), keyOf())).toMatchObject(SHOWN)
    expect(await shownOf(vaultOf(null), keyOf())).toBeNull()
  })
})
