/** What holds for everything in `examples/` that lets keys in or keeps them out, whatever it is made of. */
import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import type { Reply } from '../../local/client.ts'
import type { Keyharbor } from './keyharbor.ts'
import { freePorts } from './program.ts'
import { type Seen, startStandIn, tlsOfAnother } from './toy.ts'

export type Ask = {
  readonly path?: string
  readonly key?: string
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Over plain http. */
  readonly plain?: boolean
}

/** Something started for one test; below `/admin/` it asks for SHARING_ADMIN. */
export type Guard = {
  readonly ask: (what?: Ask) => Promise<Reply>
  /** How many requests got through. */
  readonly counted: { readonly requests: number }
}

export type Setup = {
  /** Another port than the running Keyharbor's. */
  readonly port?: number
  /** Another key than one that may ask. */
  readonly key?: string
  /** How long it waits for an answer. By default long: machines that run tests are busy. */
  readonly seconds?: number
}

export const seen = (reply: Reply): Seen => reply.json() as Seen

/** Declares the tests. @param guard starts one; Keyharbor runs by then. */
export const keepsOut = (keyharbor: () => Keyharbor, guard: (setup?: Setup) => Promise<Guard>) => {
  it('lets a good key through, and says whose it is', async () => {
    const { ask } = await guard()
    const { key } = await keyharbor().create('reader')
    const reply = await ask({ key })
    expect(reply.status).toBe(200)
    expect(seen(reply)).toMatchObject({ username: 'reader', roles: 'READONLY_ADMIN' })
  })

  it('answers 401 to who has no key, or none that is good', async () => {
    const { ask, counted } = await guard()
    const { key } = await keyharbor().create('reader')
    for (const wrong of [
      {},
      { key: 'nonsense' },
      { key: `${key.slice(0, -1)}?` },
      { key: `${key}0` },
    ]) {
      const reply = await ask(wrong)
      expect(reply.status).toBe(401)
      expect(reply.headers['www-authenticate']).toMatch(/^Bearer/)
    }
    expect(counted.requests).toBe(0)
  })

  it('refuses a revoked key at the very next request', async () => {
    const { ask } = await guard()
    const made = await keyharbor().create('reader')
    expect((await ask({ key: made.key })).status).toBe(200)
    await keyharbor().revoke(made)
    expect((await ask({ key: made.key })).status).toBe(401)
  })

  it('knows no key of another tenant', async () => {
    const { ask } = await guard()
    const { key } = await keyharbor().createElsewhere(`g${randomBytes(4).toString('hex')}`)
    expect((await ask({ key })).status).toBe(401)
  })

  it('answers 403 where the user lacks the role', async () => {
    const { ask, counted } = await guard()
    const reader = await keyharbor().create('reader')
    const reply = await ask({ path: '/admin/x', key: reader.key })
    expect(reply.status).toBe(403)
    expect(reply.headers['www-authenticate']).toContain('insufficient_scope')
    expect(counted.requests).toBe(0)
    const admin = await keyharbor().create('admin')
    expect((await ask({ path: '/admin/x', key: admin.key })).status).toBe(200)
    expect((await ask({ path: '/admin/x' })).status).toBe(401)
  })

  /** Neither a good key gets through, nor a bad one, which nobody could tell from it. */
  const expectClosed = async (setup: Setup): Promise<void> => {
    const { ask, counted } = await guard(setup)
    const { key } = await keyharbor().create('admin')
    for (const asked of [{ key }, { key: 'nonsense' }, { key, path: '/admin/x' }])
      expect((await ask(asked)).status).toBe(503)
    expect(counted.requests).toBe(0)
  }

  it('lets nobody through while Keyharbor is away', async () => {
    const [nobody] = await freePorts()
    await expectClosed({ port: nobody })
  })

  it('lets nobody through where something else than Keyharbor answers', async () => {
    await expectClosed({ port: await startStandIn(await tlsOfAnother(), 200) })
  })

  it('lets nobody through when Keyharbor is in trouble', async () => {
    await expectClosed({ port: await startStandIn(keyharbor().tls, 500) })
  })

  it('lets nobody through when Keyharbor takes its time', async () => {
    await expectClosed({ port: await startStandIn(keyharbor().tls, null), seconds: 1 })
  })

  it('doesn’t blame a visitor when its own key is refused', async () => {
    await expectClosed({ key: (await keyharbor().create('reader')).key })
  })
}
