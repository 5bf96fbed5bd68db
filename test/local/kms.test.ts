/** The local KMS, asked by the real SDK client, and its key file. */
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GenerateRandomCommand,
  KMSClient,
  ListKeysCommand,
} from '@aws-sdk/client-kms'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createTrust } from '../../local/credentials.ts'
import { startInternal } from '../../local/internal.ts'
import { createKms } from '../../local/kms.ts'
import { openKmsKey } from '../../local/kms-key.ts'
import { folder, signing } from './kit.ts'

const ALIAS = 'alias/keyharbor'
const EncryptionContext = { service: 'keyharbor', tenant: '7' }

/** A KMS over the key of a folder, and a client of it. */
const start = async (path: string) => {
  const key = await openKmsKey(join(path, 'kms.key'), true)
  const trust = createTrust()
  const internal = await startInternal({
    trust,
    kms: createKms(key, 'eu-west-1'),
    issuer: { jwks: { keys: [] } },
  })
  onTestFinished(() => internal.close())
  const kms = new KMSClient({
    endpoint: internal.kmsUrl,
    ...signing(trust),
    maxAttempts: 1,
  })
  onTestFinished(() => kms.destroy())
  return kms
}

const INVALID = { name: 'InvalidCiphertextException', $metadata: { httpStatusCode: 400 } }

describe('data keys', () => {
  it('come back from their wrapped form, under any name of the key', async () => {
    const kms = await start(await folder())
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: ALIAS }))
    for (const KeyId of [ALIAS, KeyMetadata?.KeyId, KeyMetadata?.Arn]) {
      const made = await kms.send(
        new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', EncryptionContext }),
      )
      expect(made.Plaintext).toHaveLength(32)
      const opened = await kms.send(
        new DecryptCommand({ CiphertextBlob: made.CiphertextBlob, EncryptionContext }),
      )
      expect(opened.Plaintext).toEqual(made.Plaintext)
      expect(opened.KeyId).toBe(KeyMetadata?.Arn)
    }
  })

  it('can be had without the plain text', async () => {
    const kms = await start(await folder())
    const made = await kms.send(
      new GenerateDataKeyWithoutPlaintextCommand({ KeyId: ALIAS, NumberOfBytes: 48 }),
    )
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob }))
    expect(opened.Plaintext).toHaveLength(48)
  })

  it('open with their own context only, in whichever order it is written', async () => {
    const kms = await start(await folder())
    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({ KeyId: ALIAS, Plaintext: Buffer.from('x'), EncryptionContext }),
    )
    const open = (context: Record<string, string> | undefined) =>
      kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: context }))
    expect((await open({ tenant: '7', service: 'keyharbor' })).Plaintext).toEqual(
      new Uint8Array(Buffer.from('x')),
    )
    for (const wrong of [undefined, { ...EncryptionContext, tenant: '8' }, { tenant: '7' }])
      await expect(open(wrong)).rejects.toMatchObject(INVALID)
  })

  it('do not open when a single bit is changed or they are cut', async () => {
    const kms = await start(await folder())
    const { CiphertextBlob = new Uint8Array() } = await kms.send(
      new EncryptCommand({ KeyId: ALIAS, Plaintext: Buffer.from('secret') }),
    )
    for (let at = 0; at < CiphertextBlob.length; at++) {
      const changed = Uint8Array.from(CiphertextBlob)
      changed.set([(changed[at] ?? 0) ^ 1], at)
      await expect(kms.send(new DecryptCommand({ CiphertextBlob: changed }))).rejects.toMatchObject(
        INVALID,
      )
    }
    await expect(
      kms.send(new DecryptCommand({ CiphertextBlob: CiphertextBlob.subarray(0, 20) })),
    ).rejects.toMatchObject(INVALID)
  })
})

describe('errors', () => {
  it('have the names that the SDK knows', async () => {
    const kms = await start(await folder())
    await expect(kms.send(new DescribeKeyCommand({ KeyId: 'alias/no' }))).rejects.toMatchObject({
      name: 'NotFoundException',
    })
    await expect(
      kms.send(new EncryptCommand({ KeyId: 'no', Plaintext: Buffer.from('x') })),
    ).rejects.toMatchObject({ name: 'NotFoundException' })
    await expect(kms.send(new ListKeysCommand({}))).rejects.toMatchObject({
      name: 'UnknownOperationException',
    })
    await expect(
      kms.send(new GenerateRandomCommand({ NumberOfBytes: 5000 })),
    ).rejects.toMatchObject({ name: 'ValidationException' })
  })
})

describe('the key file', () => {
  it('belongs to its owner alone and outlives a restart', async () => {
    const path = await folder()
    const before = await start(path)
    const { CiphertextBlob } = await before.send(
      new EncryptCommand({ KeyId: ALIAS, Plaintext: Buffer.from('x') }),
    )
    expect((await stat(join(path, 'kms.key'))).mode & 0o777).toBe(0o600)
    const after = await start(path)
    const { Plaintext } = await after.send(new DecryptCommand({ CiphertextBlob }))
    expect(Buffer.from(Plaintext ?? []).toString()).toBe('x')
  })

  it('of another machine opens nothing', async () => {
    const [one, other] = [await start(await folder()), await start(await folder())]
    const { CiphertextBlob } = await one.send(
      new EncryptCommand({ KeyId: ALIAS, Plaintext: Buffer.from('x') }),
    )
    await expect(other.send(new DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject(INVALID)
  })

  it('is not made anew where a table needs the lost one, nor when it is damaged', async () => {
    const path = join(await folder(), 'kms.key')
    await expect(openKmsKey(path, false)).rejects.toThrow(/is missing.*put it back/)
    await writeFile(path, 'short')
    await expect(openKmsKey(path, true)).rejects.toThrow(/isn't a key of 32 bytes/)
  })
})
