/** The check function may revoke keys, and name no attribute of theirs but those that this takes. */
import type { DynamoDBClient, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb'
import { expect, it } from 'vitest'
import { RIGHTS } from '../../cdk/rights.ts'
import { idOf } from '../../shared/domain/key.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import { createDb } from '../../shared/store/db.ts'
import { createGate } from '../../shared/store/gate.ts'
import type { CheckedKey } from '../../shared/store/key-items.ts'
import { createKeys } from '../../shared/store/keys.ts'

const ref = { tenant: 7, n: 12 }
const secret = {
  generation: 2,
  issuedAt: 0,
  dataKey: 1,
  sealed: new Uint8Array(1),
  fingerprint: undefined,
  ceiling: null,
}
const key: CheckedKey = {
  ...ref,
  id: idOf(ref),
  name: 'key',
  username: 'ada',
  uid: 2,
  local: true,
  createdAt: 0,
  expires: 1000,
  revoked: null,
  device: false,
  generation: 2,
  secret,
  former: { ...secret, generation: 1, until: 500 },
  scram: null,
  roles: [],
  locked: false,
  userVersion: 1,
  suspended: false,
}

it('a revocation, and the end of a former secret, name the attributes that IAM lets through', async () => {
  const named = new Set(['pk', 'sk'])
  const client = {
    middlewareStack: { add: () => {} },
    send: async ({ input }: TransactWriteItemsCommand) => {
      for (const { Update } of input.TransactItems ?? [])
        for (const name of Object.values(Update?.ExpressionAttributeNames ?? {})) named.add(name)
    },
  } as unknown as DynamoDBClient
  const db = createDb(client, 'table')
  const keys = createKeys(db, createGate(db, Math.random))
  await keys.revoke(key, { at: 0, cause: 'insecure', reason: 'x' }, SERVICE)
  await keys.change(key, { former: null }, { event: 'key.grace.end', at: 0, actor: SERVICE })
  // `cause` is a part of `revoked`: IAM is told top-level attributes only.
  named.delete('cause')
  const right = RIGHTS.Introspect.table.find(({ sid }) => sid === 'RevokeExposedKeys')
  expect([...named].sort(), 'say in cdk/rights.ts (REVOCATION) what a revocation names').toEqual(
    [...(right?.attributes ?? [])].sort(),
  )
})
