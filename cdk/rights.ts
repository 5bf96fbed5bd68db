/**
 * What each function may do, beside writing its log and traces: nothing that it doesn't. A test holds
 * this list against the calls that functions really make (test/policy).
 */
import { PARTITIONS } from '../shared/store/item-keys.ts'
import type { Propagation } from '../shared/store/propagations.ts'
import { TABLE } from '../shared/store/table.ts'
import type { FunctionName } from './lambda.ts'

/** Actions on the table. A transaction needs those of the writes in it. */
type Action =
  | 'BatchGetItem'
  | 'Query'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'ConditionCheckItem'

export type TableRight = {
  /** Statement id: letters and digits. */
  readonly sid: string
  readonly actions: readonly Action[]
  /** Patterns of partition keys; on the expiry index, none: all. */
  readonly partitions?: readonly string[]
  /** The only attributes that a request may name. */
  readonly attributes?: readonly string[]
  /** On the expiry index instead of the table. */
  readonly index?: true
}

export type Rights = {
  readonly table: readonly TableRight[]
  /** On the wrapping key, in the service's encryption context only (`shared/crypto/vault.ts`): to open
   * data keys, or to make new ones. */
  readonly key?: 'Decrypt' | 'GenerateDataKey'
  /** What is done to sockets: sending to them, closing them. */
  readonly push?: readonly ('POST' | 'DELETE')[]
}

const { service, signing, slug, tenant, checked, gate, audit, budget, once } = PARTITIONS
const { sessions, subscriptions, connection } = PARTITIONS

const KEY = [TABLE.partitionKey, TABLE.sortKey]
const INDEX = [TABLE.expiryIndex.partitionKey, TABLE.expiryIndex.sortKey]

/** What marks a key as revoked, on both of its items. */
const REVOCATION = [...KEY, 'rev', 'generation', 'revoked', 'former', 'expires', ...INDEX]

/** A user's change on its way to their keys, whole. */
const PROPAGATION: Readonly<Record<Exclude<keyof Propagation, 'tenant'>, true>> = {
  username: true,
  uid: true,
  local: true,
  roles: true,
  locked: true,
  version: true,
  deleted: true,
  next: true,
  doneAt: true,
}
const CHANGE = [...KEY, ...Object.keys(PROPAGATION), ...INDEX]

/** Wrapped data keys, and nothing else of the items that they stand in. */
const DATA_KEYS = [...KEY, 'dataKeys']

export const RIGHTS: Readonly<Record<FunctionName, Rights>> = {
  Introspect: {
    table: [
      { sid: 'ReadKeys', actions: ['BatchGetItem'], partitions: [checked, gate] },
      {
        sid: 'ReadDataKeys',
        actions: ['BatchGetItem'],
        partitions: [tenant, service],
        attributes: DATA_KEYS,
      },
      // To sign, and to check what it signed. It makes no signing key.
      { sid: 'ReadSigningKeys', actions: ['Query'], partitions: [signing] },
      {
        sid: 'RevokeExposedKeys',
        actions: ['UpdateItem'],
        partitions: [tenant],
        attributes: REVOCATION,
      },
      { sid: 'FindSessions', actions: ['Query'], partitions: [sessions] },
      {
        sid: 'EndSessions',
        actions: ['UpdateItem'],
        partitions: [sessions],
        attributes: [...KEY, 'session', 'ended'],
      },
      {
        sid: 'NoteDevices',
        actions: ['UpdateItem'],
        partitions: [checked],
        attributes: [...KEY, 'seenAt'],
      },
      { sid: 'Audit', actions: ['PutItem'], partitions: [audit] },
      {
        sid: 'LeaseChecks',
        actions: ['UpdateItem'],
        partitions: [budget],
        attributes: [...KEY, 'leased', TABLE.ttl],
      },
    ],
    key: 'Decrypt',
  },
  Socket: {
    table: [
      { sid: 'Read', actions: ['BatchGetItem'], partitions: [tenant, connection] },
      { sid: 'List', actions: ['Query'], partitions: [tenant] },
      { sid: 'FindTenant', actions: ['BatchGetItem'], partitions: [slug, service] },
      {
        sid: 'Change',
        actions: ['PutItem', 'UpdateItem', 'DeleteItem'],
        partitions: [tenant, connection],
      },
      { sid: 'Hold', actions: ['ConditionCheckItem'], partitions: [tenant] },
    ],
    key: 'Decrypt',
    push: ['POST', 'DELETE'],
  },
  Http: {
    table: [
      { sid: 'FindTenants', actions: ['BatchGetItem'], partitions: [service, slug, once] },
      { sid: 'ListTenants', actions: ['Query'], partitions: [service] },
      { sid: 'CountTenants', actions: ['UpdateItem'], partitions: [service] },
      { sid: 'AddTenant', actions: ['PutItem'], partitions: [service, slug, tenant, once] },
      {
        sid: 'SuspendTenant',
        actions: ['UpdateItem'],
        partitions: [gate],
        attributes: [...KEY, 'suspended'],
      },
      { sid: 'FindCallsInFlight', actions: ['Query'], partitions: [sessions] },
      { sid: 'StopCallsInFlight', actions: ['DeleteItem'], partitions: [sessions] },
    ],
    key: 'GenerateDataKey',
  },
  Close: {
    table: [
      { sid: 'Read', actions: ['BatchGetItem'], partitions: [tenant, connection] },
      { sid: 'FindSessions', actions: ['Query'], partitions: [tenant] },
      { sid: 'Forget', actions: ['DeleteItem'], partitions: [tenant, connection] },
      { sid: 'Unsubscribe', actions: ['UpdateItem'], partitions: [connection] },
    ],
    push: ['POST', 'DELETE'],
  },
  Tell: {
    table: [
      { sid: 'Read', actions: ['BatchGetItem'], partitions: [tenant, connection] },
      { sid: 'FindSubscribers', actions: ['Query'], partitions: [subscriptions] },
      // A subscriber that is gone, though nobody said so, or whose session is over.
      { sid: 'FindCopies', actions: ['Query'], partitions: [sessions] },
      { sid: 'Forget', actions: ['DeleteItem'], partitions: [tenant, connection] },
    ],
    push: ['POST', 'DELETE'],
  },
  Sweep: {
    table: [
      { sid: 'FindDue', actions: ['Query'], index: true },
      { sid: 'Read', actions: ['BatchGetItem'], partitions: [tenant] },
      { sid: 'List', actions: ['Query'], partitions: [tenant] },
      { sid: 'Change', actions: ['UpdateItem'], partitions: [tenant] },
      // Changes of users that have reached all of their keys.
      {
        sid: 'FinishChange',
        actions: ['DeleteItem'],
        partitions: [tenant],
        attributes: [...KEY, 'uid', 'version'],
      },
      // Those that an earlier version of the service has begun.
      { sid: 'TakeOverChange', actions: ['PutItem'], partitions: [tenant], attributes: CHANGE },
      { sid: 'Audit', actions: ['PutItem'], partitions: [audit] },
      { sid: 'FindSigningKeys', actions: ['Query'], partitions: [signing] },
      {
        sid: 'ReadDataKey',
        actions: ['BatchGetItem'],
        partitions: [service],
        attributes: DATA_KEYS,
      },
      { sid: 'MakeSigningKeys', actions: ['PutItem'], partitions: [signing] },
      { sid: 'RetireSigningKeys', actions: ['DeleteItem'], partitions: [signing] },
    ],
    // New signing keys are sealed under the service's data key.
    key: 'Decrypt',
  },
}
