/** A table's mark, and the reading of all that decides. */
import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import { beforeEach, expect, it } from 'vitest'
import { createDb } from '../../shared/store/db.ts'
import {
  createInstallation,
  FORMAT,
  type InstallationStore,
} from '../../shared/store/installation.ts'
import { itemKey } from '../../shared/store/item-keys.ts'
import { addKey, newTenant, type Rig, startRig } from '../kit/service.ts'
import { loadFixture } from '../upgrades/fixture.ts'

let rig: Rig
let table: InstallationStore
beforeEach(async () => {
  rig = await startRig()
  table = createInstallation(createDb(rig.client, rig.table))
  return () => rig.close()
})

it('the mark is what was put last', async () => {
  expect(await table.get()).toBeNull()
  for (const mark of [
    { id: 'one', format: 0 },
    { id: 'one', format: FORMAT },
  ]) {
    await table.put(mark)
    expect(await table.get()).toEqual(mark)
  }
})

it('a table is read whole, and a key that lacks its other item is found', async () => {
  await table.readAll()
  await newTenant(rig.service)
  const admin = await newTenant(rig.service)
  const made = []
  for (let i = 0; i < 101; i++) made.push(await addKey(rig.service, admin))
  await table.readAll()
  for (const { key } of [made[0], made[100]].flatMap((one) => one ?? [])) {
    const { pk, sk } = itemKey.check(key)
    const Key = marshall({ pk, sk })
    const { Attributes } = await rig.client.send(
      new DeleteItemCommand({ TableName: rig.table, Key, ReturnValues: 'ALL_OLD' }),
    )
    await expect(table.readAll()).rejects.toThrow('the other item of T#')
    await expect(table.readAll()).rejects.toThrow(`${itemKey.key(key).sk} is missing`)
    await rig.client.send(new PutItemCommand({ TableName: rig.table, Item: Attributes }))
  }
  await table.readAll()
})

it('a table of an earlier version is whole', async () => {
  await loadFixture(rig, 'c9a1a70.jsonl')
  await table.readAll()
})
