import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  channelHolds,
  clientFirstBare,
  deriveScram,
  parseClientFinal,
  parseClientFirst,
  serverFinal,
  serverFirst,
} from '../../shared/crypto/scram.ts'
import { Secret } from '../../shared/domain/secret.ts'

const vector = JSON.parse(readFileSync('test/vectors/scram.json', 'utf8'))
const salt = Buffer.from(vector.salt, 'base64')
const verifier = await deriveScram(new Secret(vector.secret), salt, vector.iterations)

type Exchange = Readonly<
  Record<'clientFirst' | 'serverFirst' | 'clientFinal' | 'serverFinal', string>
>

describe.each<Exchange>(vector.exchanges)('the recorded exchange $clientFirst', (exchange) => {
  const first = parseClientFirst(exchange.clientFirst)
  const final = parseClientFinal(exchange.clientFinal)
  if (first === null || final === null) throw new Error('the recorded frames did not parse')
  const authMessage = [
    clientFirstBare(first.username, first.keyId, first.nonce),
    exchange.serverFirst,
    final.withoutProof,
  ].join(',')

  it('is what this server would send and accept', () => {
    const nonce = Buffer.concat([final.clientNonce, final.serverNonce])
    expect(final.clientNonce).toEqual(first.nonce)
    expect(serverFirst(nonce, salt, vector.iterations)).toBe(exchange.serverFirst)
    expect(serverFinal(verifier, authMessage, final.proof)).toBe(exchange.serverFinal)
  })

  it('fails with any bit of the proof turned', () => {
    fc.assert(
      fc.property(fc.nat(511), (bit) => {
        const bent = Buffer.from(final.proof)
        bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        return serverFinal(verifier, authMessage, bent) === null
      }),
    )
  })

  it('fails when anything that was signed differs', () => {
    expect(serverFinal(verifier, authMessage.replace('root', 'r00t'), final.proof)).toBeNull()
  })

  it('binds to the certificate that the client saw', () => {
    const bound = first.binding === 'endpoint'
    const seen = bound ? final.channel.subarray('p=tls-server-end-point,,'.length) : Buffer.alloc(0)
    expect(channelHolds(final.channel, first.binding, [Buffer.alloc(32), seen])).toBe(true)
    expect(channelHolds(final.channel, first.binding, [Buffer.alloc(32)])).toBe(!bound)
    expect(channelHolds(final.channel, bound ? 'none' : 'endpoint', [seen])).toBe(false)
  })
})

describe('a SCRAM message', () => {
  const nonce = Buffer.alloc(32, 7).toString('base64')
  it.each([
    '',
    `y,,n=root:1,r=${nonce}`,
    `p=tls-unique,,n=root:1,r=${nonce}`,
    `n,a=me,n=root:1,r=${nonce}`,
    `n,,m=x,n=root:1,r=${nonce}`,
    `n,,n=root,r=${nonce}`,
    `n,,n=root:01,r=${nonce}`,
    `n,,n=root:1 ,r=${nonce}`,
    `n,,n=ro=2Cot:1,r=${nonce}`,
    `n,,n=root:1,r=${nonce},x=1`,
    `n,,n=root:1,r=${nonce}\n`,
    `n,,n=root:1,r=${nonce.replace('=', '')}`,
    `n,,n=root:1,r=${Buffer.alloc(31).toString('base64')}`,
  ])('first %j is refused', (text) => expect(parseClientFirst(text)).toBeNull())

  it('is never read from arbitrary text, and reading it never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => parseClientFirst(text) === null))
    fc.assert(fc.property(fc.string(), (text) => parseClientFinal(text) === null))
  })
})
