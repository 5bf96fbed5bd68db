/**
 * The SCRAM exchange without state between its two calls, so that calls before login write nothing to the table: the
 * server nonce carries key id, time, binding and whether a tenant was named, under a MAC for one connection. Salts
 * follow from ids (`salt.ts`), so no sealed secret is opened before the proof arrives.
 */
import { createHmac, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto'
import { fromFacts, parametersOf, type ScramParameters } from '../crypto/salt.ts'
import {
  type Binding,
  channelHolds,
  clientFirstBare,
  noncesOf,
  parseClientFinal,
  parseClientFirst,
  serverFinal,
  serverFirst,
} from '../crypto/scram.ts'
import { DECOY, type Verifier } from '../crypto/verifier.ts'
import { Fault } from '../domain/fault.ts'
import { refOf } from '../domain/key.ts'
import { parseLoginName } from '../domain/names.ts'
import { attempts } from '../domain/retry.ts'
import { openSecret, shownOf } from '../keys/check.ts'
import { effectiveState, secretsOf } from '../keys/rules.ts'
import type { CheckedKey } from '../store/key-items.ts'
import { openKeySession } from './key-login.ts'
import { abandonPending, type Login, type Peer } from './login.ts'

/** How long the client may take between its two messages. */
const EXCHANGE_SECONDS = 60

/** First message. @returns `server-first-message`, or null (AUTH_ERR) for a malformed one. */
export const scramFirst = async (peer: Peer, text: string): Promise<string | null> => {
  const began = performance.now()
  const { service, connection } = peer
  await abandonPending(peer)
  const first = parseClientFirst(text)
  const keys = await service.vault.keys('service', 1)
  if (first === null || keys === null) return null
  // Bound to a TLS channel, but there is none.
  if (first.binding === 'endpoint' && !connection.secure) return null
  // Computed for existing keys too, so that both take the same time.
  const own = parametersOf(keys, first.keyId, service.scramIterations)
  const { salt, iterations } = (await readShown(peer, first.keyId)) ?? own
  const nonce = makeNonce(keys.nonce, connection.id, first.nonce, {
    keyId: first.keyId,
    seconds: Math.floor(service.now() / 1000),
    binding: first.binding,
    namesTenant: parseLoginName(first.username).slug !== null,
  })
  await service.waitForStep(began)
  return serverFirst(Buffer.concat([first.nonce, nonce]), salt, iterations)
}

/** Final message. @throws Fault SCRAM_NOT_IN_PROGRESS unless a first one came before, just now. */
export const scramFinal = async (peer: Peer, text: string): Promise<Answer> => {
  const began = performance.now()
  const answer = await evaluateUnchanged(peer, text)
  if (answer.message === null) await peer.service.waitForStep(began)
  return answer
}

// ---------------------------------------------------------------------------------------------

type Answer = { login: Login; message: string | null }

const REFUSED: Answer = { login: { outcome: 'AUTH_ERR' }, message: null }

/** How often a proof is evaluated whose key is changed meanwhile, by a rename for example. */
const TRIES = 4

const evaluateUnchanged = async (peer: Peer, text: string): Promise<Answer> => {
  for await (const _ of attempts({ tries: TRIES })) {
    const answer = await evaluateFinal(peer, text)
    if (answer !== null) return answer
  }
  return REFUSED
}

/** @returns null where the key has changed since it was read. */
const evaluateFinal = async (peer: Peer, text: string): Promise<Answer | null> => {
  const { service, connection } = peer
  const nonces = noncesOf(text)
  const keys = nonces && (await service.vault.keys('service', 1))
  const begun = keys && readNonce(keys.nonce, connection.id, nonces.client, nonces.server)
  const now = service.now()
  if (begun === null || now / 1000 - begun.seconds > EXCHANGE_SECONDS)
    throw new Fault('SCRAM_NOT_IN_PROGRESS')
  const final = parseClientFinal(text)
  if (final === null) return REFUSED
  const digests = service.env.KEYHARBOR_CHANNEL_BINDINGS.map((d) => Buffer.from(d, 'base64'))
  const bound = channelHolds(final.channel, begun.binding, digests)
  const [key, tenant] = await Promise.all([
    readKey(peer, begun.keyId),
    // Read for an unknown key too, so that both take the same time.
    begun.namesTenant ? readTenant(peer, begun.keyId) : null,
  ])
  // What the client signed must be this; a name with another user or tenant proves nothing.
  const name = `${key?.username ?? ''}${begun.namesTenant ? `@${tenant ?? ''}` : ''}`
  const combined = Buffer.concat([final.clientNonce, final.serverNonce])
  const candidates = key === null ? [DECOY] : secretsOf(key, now)
  for (const candidate of candidates) {
    const open =
      'verifier' in candidate ? candidate : key && (await openSecret(service.vault, key, candidate))
    const verifier: Verifier = open?.verifier ?? DECOY.verifier
    const message = serverFinal(
      verifier,
      [
        clientFirstBare(name, begun.keyId, final.clientNonce),
        serverFirst(combined, verifier.salt, verifier.iterations),
        final.withoutProof,
      ].join(','),
      final.proof,
    )
    if (message === null || key === null || !bound) continue
    if (effectiveState(key, service.now()) !== 'active') return REFUSED
    const generation = 'generation' in candidate ? candidate.generation : 0
    const login = await openKeySession(peer, key, generation, true)
    if (login === null) return null
    return { login, message: login.outcome === 'SUCCESS' ? message : null }
  }
  return REFUSED
}

const readKey = async ({ service }: Peer, id: number): Promise<CheckedKey | null> => {
  const ref = refOf(id)
  return ref === null ? null : ((await service.keys.forCheck([ref]))[0] ?? null)
}

/** What the table says of an id's salt and rounds; null where they follow from it. */
const readShown = async ({ service }: Peer, id: number): Promise<ScramParameters | null> => {
  const ref = refOf(id)
  if (ref === null) return null
  const { key, scram } = await service.keys.forFirstMessage(ref)
  if (scram !== null) return fromFacts(scram)
  return key && shownOf(service.vault, key)
}

const readTenant = async ({ service }: Peer, id: number): Promise<string | null> => {
  const ref = refOf(id)
  return ref === null ? null : service.tenants.slugOf(ref.tenant)
}

type Begun = {
  readonly keyId: number
  readonly seconds: number
  readonly binding: Binding
  /** Whether the client called itself `user@tenant`. */
  readonly namesTenant: boolean
}

/** 8 key id · 4 seconds · 1 flags · 3 random · 16 MAC: the 32 bytes that clients expect. */
const HEAD_BYTES = 16
const BOUND = 1
const NAMES_TENANT = 2

const makeNonce = (
  mac: KeyObject,
  connection: string,
  clientNonce: Buffer,
  { keyId, seconds, binding, namesTenant }: Begun,
): Buffer => {
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeBigUInt64BE(BigInt(keyId), 0)
  head.writeUInt32BE(seconds, 8)
  head.writeUInt8((binding === 'endpoint' ? BOUND : 0) | (namesTenant ? NAMES_TENANT : 0), 12)
  randomBytes(3).copy(head, 13)
  return Buffer.concat([head, macOf(mac, connection, clientNonce, head)])
}

const readNonce = (
  mac: KeyObject,
  connection: string,
  clientNonce: Buffer,
  nonce: Buffer,
): Begun | null => {
  const head = nonce.subarray(0, HEAD_BYTES)
  if (!timingSafeEqual(nonce.subarray(HEAD_BYTES), macOf(mac, connection, clientNonce, head)))
    return null
  const flags = head.readUInt8(12)
  return {
    keyId: Number(head.readBigUInt64BE(0)),
    seconds: head.readUInt32BE(8),
    binding: (flags & BOUND) !== 0 ? 'endpoint' : 'none',
    namesTenant: (flags & NAMES_TENANT) !== 0,
  }
}

const macOf = (key: KeyObject, connection: string, clientNonce: Buffer, head: Buffer): Buffer =>
  createHmac('sha256', key)
    .update(`scram|${connection}|`)
    .update(clientNonce)
    .update(head)
    .digest()
    .subarray(0, HEAD_BYTES)
