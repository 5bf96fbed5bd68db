import { createSecretKey, randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { newRecoveryCodes, recoveryLeft } from '../../shared/crypto/recovery.ts'
import { seal, unseal } from '../../shared/crypto/seal.ts'
import { Secret } from '../../shared/domain/secret.ts'

const key = () => createSecretKey(randomBytes(32))
const keys = { seal: key(), hash: key(), nonce: key() }
const ada = { tenant: 7, uid: 2 }

it('recovery codes are ten, of three groups of characters that don’t read alike', () => {
  const { codes, hashes } = newRecoveryCodes(ada, keys)
  expect(new Set([...codes, ...hashes]).size).toBe(20)
  for (const code of codes) expect(code).toMatch(/^(?:[0-9a-hjkmnp-tv-z]{4}(?:-(?=.)|$)){3}$/)
})

it('a recovery code is good as people copy it, and once', () => {
  const { codes, hashes } = newRecoveryCodes(ada, keys)
  for (const code of codes) {
    const copied = code.toUpperCase().replaceAll('-', ' ').replaceAll('0', 'O').replace('1', 'l')
    const left = recoveryLeft(ada, hashes, keys, new Secret(copied.replaceAll('1', 'I')))
    expect(left).toHaveLength(9)
    expect(recoveryLeft(ada, left ?? [], keys, new Secret(code))).toBeNull()
  }
})

it('an empty text is sealed as any other', () => {
  const sealed = seal(keys.seal, 'row', Buffer.alloc(0))
  expect(unseal(keys.seal, 'row', sealed)).toEqual(Buffer.alloc(0))
  expect(unseal(keys.seal, 'other', sealed)).toBeNull()
})
