/**
 * The self-signed certificate of the https and wss listener, kept in the data folder so that clients
 * need to be told of it once. Made anew when it is about to expire or HOST isn't one of its names.
 */
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { readIfThere, writeDurably } from './durable.ts'

const DAYS = 825
const RENEW_DAYS = 14
const DAY_MS = 86_400_000

export const openCertificate = async (folder: string, host: string, now = Date.now()) => {
  const path = join(folder, 'tls-cert.pem')
  const keyPath = join(folder, 'tls-key.pem')
  const [storedCert, storedKey] = await Promise.all([readIfThere(path), readIfThere(keyPath)])
  let cert = String(storedCert ?? '')
  let key = String(storedKey ?? '')
  if (!isGood(cert, key, host, now)) {
    const made = await make(host, now)
    cert = made.cert
    key = made.private
    await writeDurably(keyPath, key)
    await writeDurably(path, cert)
  }
  return { path, cert, key, binding: bindingOf(cert) }
}

/** RFC 5929 `tls-server-end-point`: SHA-256 of the certificate, as it is signed with SHA-256. */
export const bindingOf = (pem: string): string =>
  createHash('sha256').update(new X509Certificate(pem).raw).digest('base64')

// ---------------------------------------------------------------------------------------------

const isGood = (cert: string, key: string, host: string, now: number): boolean => {
  try {
    const parsed = new X509Certificate(cert)
    const covered = isIP(host) === 0 ? parsed.checkHost(host) : parsed.checkIP(host)
    const start = Date.parse(parsed.validFrom)
    const end = Date.parse(parsed.validTo)
    const current = start <= now && now < end - RENEW_DAYS * DAY_MS
    return covered !== undefined && current && parsed.checkPrivateKey(createPrivateKey(key))
  } catch {
    // Absent, cut short or no PEM at all: either way there is nothing to keep.
    return false
  }
}

const make = async (host: string, now: number) => {
  // Loaded here: only the first start needs it.
  const { generate } = await import('selfsigned')
  const names = [...new Set(['localhost', '127.0.0.1', '::1', host])]
  return generate([{ name: 'commonName', value: 'Keyharbor on this machine' }], {
    keyType: 'rsa',
    keySize: 2048,
    algorithm: 'sha256',
    // An hour back: the clock of a container or a device may be a little behind.
    notBeforeDate: new Date(now - 3_600_000),
    notAfterDate: new Date(now + DAYS * DAY_MS),
    extensions: [
      // Not a CA: clients that trust it trust this server, and nothing that it might sign.
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((name) =>
          isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name },
        ),
      },
    ],
  })
}
