/** Tables with so many keys, each in a DynamoDB of its own, all there at once: so that they are measured
 * in turn. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UpdateTableCommand } from '@aws-sdk/client-dynamodb'
import { addKeysInBulk } from '../../tools/scale/bulk.ts'
import { keyOf } from '../../tools/scale/seed.ts'
import { type Cloud, startCloud } from '../rig/cloud.ts'
import { makeTenant, type Tenant } from '../rig/tenant.ts'

export type Table = { readonly size: number; readonly cloud: Cloud; readonly tenant: Tenant }

/** Fills what isn't filled yet. @param folder of their files, one folder each. */
export const openTables = async (
  folder: string,
  sizes: readonly number[],
  say: (line: string) => void,
): Promise<Table[]> => {
  const tables: Table[] = []
  try {
    for (const size of sizes) {
      const place = join(folder, `keys-${size}`)
      const before = await readFilled(place)
      // One that was cut short isn't gone on with: its count would be wrong.
      if (before === null) await rm(place, { recursive: true, force: true })
      const cloud = await startCloud(place)
      tables.push({ size, cloud, tenant: await fill(cloud, place, size, before, say) })
    }
    return tables
  } catch (error) {
    await closeTables(tables)
    throw error
  }
}

export const closeTables = async (tables: readonly Table[]): Promise<void> => {
  for (const { cloud } of tables) await cloud.close()
}

/** Numbers from which on keys are put in in bulk: above those that the tenant counts itself. */
export const BULK_FROM = 100_000_000

// ---------------------------------------------------------------------------------------------

const TELL_EVERY = 50_000

type Filled = { readonly tenant: number }

const readFilled = async (place: string): Promise<Filled | null> => {
  const text = await readFile(join(place, 'filled.json'), 'utf8').catch(() => null)
  return text === null ? null : JSON.parse(text)
}

const fill = async (
  cloud: Cloud,
  place: string,
  size: number,
  before: Filled | null,
  say: (line: string) => void,
): Promise<Tenant> => {
  if (before !== null) {
    say(`${size} keys are there from an earlier run`)
    return makeTenant(cloud, before.tenant)
  }
  const made = await makeTenant(cloud)
  const { tenant } = made
  const now = Date.now()
  let told = 0
  // Nobody hears of these keys, and records for a stream are two thirds of the work of writing one.
  await setStream(cloud, false)
  await addKeysInBulk(cloud.client, cloud.table, {
    tenant,
    from: BULK_FROM,
    to: BULK_FROM + size,
    key: (n) => keyOf(n, now),
    onProgress: (count) => {
      if (count - told < TELL_EVERY) return
      told = count
      say(`${count} of ${size} keys after ${Math.round((Date.now() - now) / 1000)} s`)
    },
  })
  await setStream(cloud, true)
  await writeFile(join(place, 'filled.json'), JSON.stringify({ tenant } satisfies Filled))
  say(`${size} keys in ${Math.round((Date.now() - now) / 1000)} s`)
  return made
}

const setStream = async ({ client, table }: Cloud, on: boolean): Promise<void> => {
  await client.send(
    new UpdateTableCommand({
      TableName: table,
      StreamSpecification: {
        StreamEnabled: on,
        ...(on && { StreamViewType: 'NEW_AND_OLD_IMAGES' }),
      },
    }),
  )
}
