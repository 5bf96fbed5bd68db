/** The middleware of `examples/`: services that ask the running Keyharbor themselves. */
import { existsSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Guard, keepsOut, type Setup } from './contract.ts'
import { type Keyharbor, startKeyharbor } from './keyharbor.ts'
import { type Asks, bare, type Serve, startHono, startNode } from './services.ts'
import { open, startPassage } from './toy.ts'

let keyharbor: Keyharbor
beforeAll(async () => {
  keyharbor = await startKeyharbor()
})
afterAll(() => keyharbor?.stop())

const EXPRESS = join(import.meta.dirname, '../../examples/express/package.json')
const hasExpress = existsSync(join(EXPRESS, '../node_modules/express'))

type Express = () => RequestListener & { use: (...args: unknown[]) => void }

const express: Serve = ({ all, admin }, handler) => {
  const make: Express = createRequire(EXPRESS)('express')
  const app = make()
  app.use('/admin', admin)
  app.use(all)
  app.use(handler)
  return app
}

type Service = { name: string; there: boolean; start: (asks: Asks) => Guard | Promise<Guard> }

const SERVICES: Service[] = [
  { name: 'hono', there: true, start: startHono },
  { name: 'node:http', there: true, start: (asks) => startNode(bare, asks, keyharbor.tls) },
  {
    name: hasExpress ? 'Express' : 'Express (skipped: npm ci --prefix examples/express)',
    there: hasExpress,
    start: (asks) => startNode(express, asks, keyharbor.tls),
  },
]

for (const { name, there, start } of SERVICES)
  describe.skipIf(!there)(name, () => {
    const guard = async ({
      port = keyharbor.port,
      key = keyharbor.key,
      seconds = 20,
    }: Setup = {}) =>
      start({
        url: `http://127.0.0.1:${await startPassage(port, keyharbor.tls.cert)}`,
        credential: () => key,
        timeoutMs: seconds * 1000,
      })

    keepsOut(() => keyharbor, guard)

    it('has a key revoked that comes over plain http', async () => {
      const { ask, counted } = await guard()
      const made = await keyharbor.create('reader')
      expect((await ask({ key: made.key, plain: true })).status).toBe(401)
      expect(await keyharbor.reason(made)).toBe('Attempt to use over an insecure transport')
      expect(counted.requests).toBe(0)
    })

    it('lets nobody through whose key is good, by an answer that says not whose', async () => {
      const half = createServer((_, response) => response.end('{"active":true}'))
      const url = `http://127.0.0.1:${await open(half)}`
      const { ask, counted } = await start({ url, credential: () => keyharbor.key })
      expect((await ask({ key: '1-x' })).status).toBe(503)
      expect(counted.requests).toBe(0)
    })

    it('lets nobody through without a credential of its own', async () => {
      const credential = () => Promise.reject(new Error('no token to be had'))
      const { ask } = await start({ url: 'http://127.0.0.1:9', credential })
      expect((await ask({ key: '1-x' })).status).toBe(503)
    })
  })
