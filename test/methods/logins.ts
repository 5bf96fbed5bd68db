/** Who logs in, by what and as whom, in the tests of logins. */
import { createHash } from 'node:crypto'
import { revokeKey } from '../../shared/keys/revoke.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import { REAL_ROUNDS } from '../kit/costs.ts'
import { type Peer, type PeerOptions, startSockets } from '../kit/peer.ts'
import { newTenant, slugOf, startRig } from '../kit/service.ts'

/** The second of two that clients may have seen. */
export const certificate = createHash('sha256').update('the certificate').digest()
export const PASSWORD = 'correct horse'

/** A tenant whose administrator logs in on sockets of its own. */
export const startLogins = async () => {
  const digests = [Buffer.alloc(32), certificate].map((digest) => digest.toString('base64'))
  const rig = await startRig({ KEYHARBOR_CHANNEL_BINDINGS: digests.join() }, REAL_ROUNDS)
  const sockets = startSockets(rig.service)
  const admin = await newTenant(rig.service)
  const slug = await slugOf(rig.service, admin)
  return {
    rig,
    sockets,
    admin,
    slug,
    open: (options?: PeerOptions) => sockets.open(options),
    password: (peer: Peer, username = `admin@${slug}`, given = PASSWORD) =>
      loginEx(peer, { mechanism: 'PASSWORD_PLAIN', username, password: given }),
    revoke: (ref: { tenant: number; n: number }) =>
      revokeKey(rig.service, { ref, actor: SERVICE, cause: 'asked' }),
    /** What a key's user may be called at a login. */
    rightNames: () => ['admin', `admin@${slug}`],
    /** What means somebody else. */
    wrongNames: async () => {
      const others = await slugOf(rig.service, await newTenant(rig.service))
      return [
        ...['root', `root@${slug}`, `admin@${others}`, 'admin@nobody', 'admin@', `@${slug}`],
        ...[`admin@@${slug}`, `admin@${slug}@${slug}`, `admin@${slug.toUpperCase()}`],
        ...[`admin@${slug} `, `ADMIN@${slug}`, `admin@${admin.tenant}`, slug],
      ]
    },
    /** Sockets that count how often a tenant is read for its name. */
    watched: () => {
      const { tenants } = rig.service
      const read: number[] = []
      const slugOf = (tenant: number) => {
        read.push(tenant)
        return tenants.slugOf(tenant)
      }
      return { read, open: startSockets({ ...rig.service, tenants: { ...tenants, slugOf } }).open }
    },
  }
}

export type Logins = Awaited<ReturnType<typeof startLogins>>

export type Answer = {
  response_type: string
  user_info: Record<string, never> | null
  username?: string
}

export const loginEx = (peer: Peer, data: object) => peer.call<Answer>('auth.login_ex', data)

export const plain = (peer: Peer, raw: { reveal(): string } | string, username = 'admin') =>
  loginEx(peer, {
    mechanism: 'API_KEY_PLAIN',
    username,
    api_key: typeof raw === 'string' ? raw : raw.reveal(),
  })
