/** The key that wraps the tenants' data keys: that a KMS has it, which ours always does, and that it is the right one. */
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { Fault } from '../shared/domain/fault.ts'
import type { Env } from '../shared/env.ts'
import { createSweeping } from '../shared/service.ts'
import { ANEW } from './installation.ts'
import { messageOf, UserError } from './user-error.ts'

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

/**
 * Opens the service's own data key, if there is one already.
 * @param file where the embedded KMS has its key; null for another KMS.
 * @throws UserError where it doesn't open: no key in the table would pass.
 */
export const proveWrappingKey = async (env: Env, file: string | null): Promise<void> => {
  try {
    await createSweeping({ env }).vault.keys('service', 1)
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
    const isOther = cause instanceof Error && cause.name === 'InvalidCiphertextException'
    throw new UserError(
      isOther && file !== null
        ? `${file} is not the key that the table's secrets open with: put the right file back, or ${ANEW}`
        : `The service's data key does not open: ${messageOf(error instanceof Fault ? cause : error)}`,
      { cause: error },
    )
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
