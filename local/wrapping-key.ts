/** Sees to it that a KMS has the key that wraps the tenants' data keys. Ours always has. */
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'

/** @param name id, ARN or alias; only an alias can be made where it is missing. */
export const ensureWrappingKey = async (endpoint: string, name: string): Promise<void> => {
  const kms = new KMSClient({ endpoint })
  try {
    await kms.send(new DescribeKeyCommand({ KeyId: name }))
  } catch (error) {
    const absent = error instanceof Error && error.name === 'NotFoundException'
    if (!absent || !name.startsWith('alias/')) throw error
    await make(kms, name)
  } finally {
    kms.destroy()
  }
}

// ---------------------------------------------------------------------------------------------

/** Two that start at once both make a key, but only one gets the alias: the other's goes away. */
const make = async (kms: KMSClient, alias: string): Promise<void> => {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: 'Keyharbor' }))
  const KeyId = KeyMetadata?.KeyId
  try {
    await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyId }))
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'AlreadyExistsException') throw error
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))
  }
}
