/**
 * Items as an earlier version of the service wrote them, put into a table of today. What is secret in them, or
 * sealed by a key that no other deployment has, isn't in the fixture: `<…>` stands there, and is made anew.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mintSecret, randomBase62 } from '../../shared/crypto/random.ts'
import { newRecoveryCodes } from '../../shared/crypto/recovery.ts'
import { ITERATIONS, SALT_BYTES } from '../../shared/crypto/scram.ts'
import { DEFAULTS, newSecondFactor, provisioningUri } from '../../shared/crypto/second-factor.ts'
import { digestOf, fingerprintOf, makeVerifier } from '../../shared/crypto/verifier.ts'
import { idOf, rawKey } from '../../shared/domain/key.ts'
import { Secret } from '../../shared/domain/secret.ts'
import { sweep } from '../../shared/jobs/sweep.ts'
import { digest, itemKey } from '../../shared/store/item-keys.ts'
import type { Item } from '../../shared/store/write.ts'
import type { Rig } from '../kit/service.ts'
import { putItems, readItem } from '../kit/table.ts'

export const PASSWORD = 'correct horse'

/** What opens doors in the table that was made, by the names of keys; `former` of one that was reset with grace. */
export type Doors = {
  readonly tenant: number
  readonly keys: Readonly<Record<string, string>>
  readonly former: Readonly<Record<string, string>>
  /** The address of a second factor for an app, and its recovery codes. */
  readonly factor: { readonly uri: string; readonly recovery: readonly string[] }
  readonly invitation: string
  readonly token: string
}

/** Reads a fixture of this folder, and puts it into a rig's empty table. */
export const loadFixture = async ({ service, table }: Rig, file: string): Promise<Doors> => {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8')
  const items: Item[] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const tenant = only(items, ({ sk, slug }) => sk === 'META' && slug !== undefined).pk.slice(2)
  const number = Number(tenant)
  const blobs = {
    service: (await service.vault.newKey('service', 1)).blob,
    tenant: (await service.vault.newKey(number, 1)).blob,
  }
  // A signing key is made by the sweep, under the service's data key.
  await putItems(table, [{ ...itemKey.service, dataKeys: { 1: blobs.service } }])
  await sweep(service)
  const signing = (await readItem(table, itemKey.signingKey(1))) as Item
  await putItems(table, [{ ...itemKey.tenant(number), dataKeys: { 1: blobs.tenant } }])
  const keys = await service.vault.keys(number, 1)
  if (keys === null) throw new Error('the data key is not there')
  const doors = {
    tenant: number,
    keys: {} as Record<string, string>,
    former: {} as Record<string, string>,
    factor: { uri: '', recovery: [] as readonly string[] },
    invitation: `${tenant}.${randomBytes(32).toString('base64url')}`,
    token: '',
  }
  const sealed = async (n: number, generation: number, into: (raw: string) => void) => {
    const id = idOf({ tenant: number, n })
    const secret = mintSecret(id)
    into(rawKey(id, secret).reveal())
    // Of chance then, and nowhere but in the sealed verifier.
    const shown = { salt: Buffer.from(randomBase62(SALT_BYTES)), iterations: ITERATIONS }
    const made = await makeVerifier(secret, { tenant: number, n, generation }, keys, shown)
    return { sealed: made.sealed, fingerprint: fingerprintOf(digestOf(secret)) }
  }
  const filled: Item[] = []
  for (const item of items) {
    const { pk, sk } = item
    if (pk === 'SIGNING') {
      const { kid, jwk, sealed: half } = signing
      filled.push({ ...item, kid, jwk, sealed: half })
    } else if (item.dataKeys !== undefined)
      filled.push({ ...item, dataKeys: { 1: pk === 'SERVICE' ? blobs.service : blobs.tenant } })
    else if (sk === 'CHECK') {
      const { n, name, generation, former } = item
      const current = await sealed(n, generation, (raw) => (doors.keys[name] = raw))
      const before =
        former && (await sealed(n, former.generation, (raw) => (doors.former[name] = raw)))
      filled.push({ ...item, ...current, ...(before && { former: { ...former, ...before } }) })
    } else if (sk.startsWith('USER#')) {
      const { secondFactor, password } = item
      const next = { ...item }
      if (password !== null) next.password = await service.passwords.hash(new Secret(PASSWORD))
      if (secondFactor !== null) {
        const user = { tenant: number, uid: item.uid, username: item.username }
        const made = newSecondFactor(user, DEFAULTS, { keys, dataKey: 1 }, item.createdAt)
        const { codes, hashes } = newRecoveryCodes(user, keys)
        doors.factor = { uri: provisioningUri(user, made, keys) ?? '', recovery: codes }
        next.secondFactor = { ...secondFactor, sealed: made.sealed, recovery: hashes }
      }
      filled.push(next)
    } else if (sk.startsWith('INVITE#'))
      filled.push({ ...item, sk: itemKey.invitation(number, doors.invitation).sk })
    else if (sk.startsWith('TOKEN#')) {
      doors.token = tokenOf(tenant, sk.split('#')[1] ?? '', item.slot)
      filled.push({ ...item, digest: digest(doors.token) })
    } else filled.push(item)
  }
  const left = JSON.stringify(filled).match(/<[a-z ]+>/g)
  if (left !== null) throw new Error(`nothing was made for ${left}`)
  await putItems(table, filled)
  return doors
}

// ---------------------------------------------------------------------------------------------

const only = (items: readonly Item[], is: (item: Item) => boolean): Item => {
  const found = items.filter(is)
  if (found.length !== 1) throw new Error(`${found.length} instead of one`)
  return found[0] as Item
}

/** A login token's text says where it lies (`shared/sessions/token.ts`). */
const tokenOf = (tenant: string, session: string, slot: number): string => {
  const id = Buffer.from(session.replaceAll('-', ''), 'hex').toString('base64url')
  return `${tenant}.${id}${slot.toString(16)}${randomBytes(32).toString('base64url')}`
}
