/** What every gateway of `examples/` is to the tests: a program, or none, and how to start it. */
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { folder } from '../local/kit.ts'

/** What a gateway stands between. */
export type Place = {
  /** Port of Keyharbor, or of what stands in its place. */
  readonly keyharbor: number
  /** Path of the certificate to trust for it. */
  readonly ca: string
  /** The gateway's certificate. */
  readonly tls: { readonly cert: string; readonly key: string }
  /** The gateway's own key. */
  readonly key: string
  /** Port of what is protected. */
  readonly service: number
  /** How long it waits for an answer of Keyharbor. */
  readonly seconds: number
}

/** Ports on which it listens. */
export type Listening = { readonly https: number; readonly http: number }

export type Gateway = {
  readonly name: string
  /** Null where it isn't installed. */
  readonly program: string | null
  /** How to get it. */
  readonly install: string
  /** Starts it until the test is over. */
  readonly start: (program: string, place: Place) => Promise<Listening>
}

/** A folder with the certificates that the examples name. */
export const folderFor = async ({ ca, tls }: Place): Promise<string> => {
  const path = await folder()
  await copyFile(ca, join(path, 'keyharbor-ca.pem'))
  await writeFile(join(path, 'tls-cert.pem'), tls.cert)
  await writeFile(join(path, 'tls-key.pem'), tls.key, { mode: 0o600 })
  return path
}
