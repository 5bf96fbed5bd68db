import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createPasswords, PASSWORD_COST } from '../../shared/crypto/password.ts'
import { Secret } from '../../shared/domain/secret.ts'
import { parseEnv } from '../../shared/env.ts'
import { createService } from '../../shared/service.ts'
import { CHEAP } from '../kit/costs.ts'

const ROOT = join(import.meta.dirname, '../..')
const cheap = createPasswords(CHEAP.passwordCost)
const secret = new Secret('correct horse')

describe('a password', () => {
  it('is known by its hash, whatever new ones cost', async () => {
    const stored = await cheap.hash(secret)
    expect(stored).toMatch(/^scrypt\$2\$1\$1\$/)
    for (const passwords of [cheap, createPasswords(PASSWORD_COST)]) {
      expect(await passwords.check(secret, stored)).toBe(true)
      expect(await passwords.check(new Secret('wrong'), stored)).toBe(false)
    }
  })

  it('is known by a hash of RFC 7914 §12, and by none of another scheme', async () => {
    const hash = 'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162'
    const text = `1024$8$16$TmFDbA==$${Buffer.from(hash, 'hex').toString('base64')}`
    expect(await cheap.check(new Secret('password'), `scrypt$${text}`)).toBe(true)
    await expect(cheap.check(new Secret('password'), `bcrypt$${text}`)).rejects.toThrow('bcrypt')
  })

  it('has another hash each time', async () => {
    expect(await cheap.hash(secret)).not.toBe(await cheap.hash(secret))
  })

  it('opens no user who has none', async () => {
    expect(await cheap.check(secret, null)).toBe(false)
  })

  it('is the same however its letters are composed', async () => {
    const stored = await cheap.hash(new Secret('Am\u00e9lie'))
    expect(await cheap.check(new Secret('Ame\u0301lie'), stored)).toBe(true)
  })
})

describe('hashing costs what it must', () => {
  it('unless somebody hands in another cost', async () => {
    const { passwords, scramIterations } = createService({ env: parseEnv({}) })
    expect(await passwords.hash(secret)).toMatch(/^scrypt\$32768\$8\$1\$/)
    expect(scramIterations).toBe(50_000)
  })

  it.each(['functions', 'local'])('and %s/ hands in none', (folder) => {
    const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    const guilty = files.filter(
      (file) =>
        /\.m?ts$/.test(file) &&
        /passwordCost|scramIterations/.test(readFileSync(join(ROOT, folder, file), 'utf8')),
    )
    expect(guilty, 'leave the costs to createService: only tests hash cheaply').toEqual([])
  })
})
