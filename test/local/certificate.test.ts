/** The certificate that is kept in the data folder. */
import { createHash, X509Certificate } from 'node:crypto'
import { stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openCertificate } from '../../local/certificate.ts'
import { listen } from '../../local/listen.ts'
import { folder } from './kit.ts'

const DAY = 86_400_000

describe('the certificate', () => {
  it('is RSA-2048 with SHA-256, for localhost, both loopback addresses and HOST', async () => {
    const { cert, path } = await openCertificate(await folder(), 'nas.example')
    const parsed = new X509Certificate(cert)
    expect(parsed.publicKey.asymmetricKeyType).toBe('rsa')
    expect(parsed.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048)
    for (const name of ['localhost', 'nas.example']) expect(parsed.checkHost(name)).toBe(name)
    for (const ip of ['127.0.0.1', '::1']) expect(parsed.checkIP(ip)).toBe(ip)
    expect(parsed.ca).toBe(false)
    expect((await stat(path.replace('cert', 'key'))).mode & 0o777).toBe(0o600)
  })

  it('verifies for a client that trusts it, and binds as RFC 5929 says', async () => {
    const { cert, key, binding } = await openCertificate(await folder(), '127.0.0.1')
    const server = createServer({ cert, key })
    const port = await listen(server, 0, '127.0.0.1')
    onTestFinished(() => void server.close())
    const socket = connect({ port, host: '127.0.0.1', ca: cert })
    await new Promise((done, fail) => socket.once('secureConnect', done).once('error', fail))
    const seen = socket.getPeerX509Certificate()?.raw ?? Buffer.alloc(0)
    expect(binding).toBe(createHash('sha256').update(seen).digest('base64'))
    socket.destroy()
  })

  it('stays as it is from start to start', async () => {
    const path = await folder()
    const first = await openCertificate(path, '127.0.0.1')
    expect(await openCertificate(path, '127.0.0.1')).toEqual(first)
    expect(await openCertificate(path, 'localhost')).toEqual(first)
  })

  it('is made anew when it is about to expire, damaged, or not for HOST', async () => {
    const path = await folder()
    const first = await openCertificate(path, '127.0.0.1')
    const later = await openCertificate(path, '127.0.0.1', Date.now() + 815 * DAY)
    expect(later.cert).not.toBe(first.cert)
    const other = await openCertificate(path, 'other.example')
    expect(new X509Certificate(other.cert).checkHost('other.example')).toBe('other.example')
    await writeFile(join(path, 'tls-key.pem'), first.key)
    const mended = await openCertificate(path, 'other.example')
    expect(mended.cert).not.toBe(other.cert)
  })
})
