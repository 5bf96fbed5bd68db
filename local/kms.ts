/**
 * KMS on the wire (JSON 1.1, `X-Amz-Target: TrentService.*`), as far as envelope encryption goes: one
 * symmetric key, known by its id, its ARN and `alias/keyharbor`. No grants, policies or rotation.
 */
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { KmsKey } from './kms-key.ts'

const ALIAS = 'alias/keyharbor'

/** An answer: what KMS would say, and with which status. */
export type Reply = { readonly status: number; readonly body: Readonly<Record<string, unknown>> }

const blob = z.base64().transform((text) => Buffer.from(text, 'base64'))
const context = z.record(z.string(), z.string()).default({})
const size = z.number().int().min(1).max(1024)
const Named = z.object({ KeyId: z.string() })
const DataKey = Named.extend({
  EncryptionContext: context,
  KeySpec: z.enum(['AES_256', 'AES_128']).optional(),
  NumberOfBytes: size.optional(),
})
const Plain = Named.extend({ EncryptionContext: context, Plaintext: blob })
const Sealed = z.object({
  KeyId: z.string().optional(),
  EncryptionContext: context,
  CiphertextBlob: blob,
})

export const arnOf = (key: KmsKey, region: string): string =>
  `arn:aws:kms:${region}:000000000000:key/${key.id}`

export const createKms = (key: KmsKey, region: string) => {
  const arn = arnOf(key, region)
  const names = [key.id, arn, ALIAS, arn.replace(/key\/.*$/, ALIAS)]

  const metadata = {
    KeyId: key.id,
    Arn: arn,
    AWSAccountId: '000000000000',
    Description: 'The key of this machine',
    Enabled: true,
    KeyState: 'Enabled',
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    KeyManager: 'CUSTOMER',
    Origin: 'AWS_KMS',
    MultiRegion: false,
  }

  const dataKey = (input: unknown) => {
    const { KeyId, EncryptionContext, KeySpec, NumberOfBytes } = DataKey.parse(input)
    const unknown = check(KeyId)
    if (unknown !== null) return { unknown }
    const plain = randomBytes(NumberOfBytes ?? (KeySpec === 'AES_128' ? 16 : 32))
    const CiphertextBlob = key.encrypt(plain, EncryptionContext).toString('base64')
    return { plain, body: { KeyId: arn, CiphertextBlob } }
  }

  const check = (name: string): Reply | null =>
    names.includes(name) ? null : failure('NotFoundException', `Key '${name}' does not exist`)

  const operations: Readonly<Record<string, (input: unknown) => Reply>> = {
    CreateKey: () => success({ KeyMetadata: metadata }),
    DescribeKey: (input) => check(Named.parse(input).KeyId) ?? success({ KeyMetadata: metadata }),
    GenerateDataKey: (input) => {
      const made = dataKey(input)
      if (made.unknown !== undefined) return made.unknown
      return success({ ...made.body, Plaintext: made.plain.toString('base64') })
    },
    GenerateDataKeyWithoutPlaintext: (input) => {
      const made = dataKey(input)
      return made.unknown ?? success(made.body)
    },
    GenerateRandom: (input) => {
      const { NumberOfBytes } = z.object({ NumberOfBytes: size }).parse(input)
      return success({ Plaintext: randomBytes(NumberOfBytes).toString('base64') })
    },
    Encrypt: (input) => {
      const { KeyId, EncryptionContext, Plaintext } = Plain.parse(input)
      const CiphertextBlob = key.encrypt(Plaintext, EncryptionContext).toString('base64')
      return check(KeyId) ?? success({ KeyId: arn, CiphertextBlob, ...ALGORITHM })
    },
    Decrypt: (input) => {
      const { KeyId = arn, EncryptionContext, CiphertextBlob } = Sealed.parse(input)
      const unknown = check(KeyId)
      if (unknown !== null) return unknown
      const plain = key.decrypt(CiphertextBlob, EncryptionContext)
      // KMS doesn't say what was wrong: the blob, the context or the key.
      if (plain === null) return failure('InvalidCiphertextException')
      return success({ KeyId: arn, Plaintext: plain.toString('base64'), ...ALGORITHM })
    },
  }

  /** Answers one request: the value of X-Amz-Target and the body. */
  return (target: string, body: string): Reply => {
    const name = target.replace(/^TrentService\./, '')
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined
    if (operation === undefined) return failure('UnknownOperationException')
    try {
      return operation(JSON.parse(body))
    } catch (error) {
      if (error instanceof SyntaxError) return failure('SerializationException')
      if (error instanceof z.ZodError) return failure('ValidationException', z.prettifyError(error))
      throw error
    }
  }
}

export type Kms = ReturnType<typeof createKms>

// ---------------------------------------------------------------------------------------------

const ALGORITHM = { EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' }

const success = (body: Reply['body']): Reply => ({ status: 200, body })

const failure = (type: string, message?: string): Reply => ({
  status: 400,
  body: { __type: type, ...(message !== undefined && { message }) },
})
