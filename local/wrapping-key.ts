/** Sees to it that a KMS has the key that wraps the tenants' data keys. Ours always has. */
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  KMSClient,
} from '@aws-sdk/client-kms'

/** @param name id, ARN or alias; only an alias can be made where it is missing. */
export const ensureWrappingKey = async (endpoint: string, name: string): Promise<void> => {
  const kms = new KMSClient({ endpoint })
  try {
    await kms.send(new DescribeKeyCommand({ KeyId: name }))
  } catch (error) {
    const absent = error instanceof Error && error.name === 'NotFoundException'
    if (!absent || !name.startsWith('alias/')) throw error
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: 'Keyharbor' }))
    await kms.send(new CreateAliasCommand({ AliasName: name, TargetKeyId: KeyMetadata?.KeyId }))
  } finally {
    kms.destroy()
  }
}
