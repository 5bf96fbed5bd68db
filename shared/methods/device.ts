/** `device.*`, of our own: NAS systems and gateways that ask about keys, each with a key of its own. */
import * as z from 'zod'
import { enroll as enrollDevice, INVITING, invite as inviteDevice } from '../devices/commands.ts'
import { deviceEntry } from '../devices/entry.ts'
import { DeviceEntry } from '../devices/entry-schema.ts'
import { findDevices } from '../devices/queries.ts'
import { missing } from '../domain/fault.ts'
import { assertCanGrant, refIn } from '../domain/permissions.ts'
import { QueryFilters } from '../domain/query/filters.ts'
import { matches } from '../domain/query/match.ts'
import { QueryOptions } from '../domain/query/options.ts'
import { queryInTurns, showOne } from '../domain/query/query.ts'
import { instanceOf, resultOf } from '../domain/query/result.ts'
import { newWork } from '../domain/query/work.ts'
import { IdempotencyKey, KeyName, Moment, SecretText, Text, Whole } from '../domain/schema.ts'
import { deleteKey } from '../keys/change.ts'
import { method, openMethod } from '../rpc/method.ts'
import { actorOf } from '../sessions/authority.ts'
import { doOnce, onceIn, shownBefore } from '../store/once.ts'

/** Seconds that an enrolment token is good: an hour, a week at the most. */
const TTL_SECONDS = 3600
const LONGEST_TTL_SECONDS = 7 * 86_400

/** A model, a serial number, a version: as the device writes it. */
const Fact = Text.min(1).max(200).nullable().default(null)

export const invite = method({
  name: 'device.invite',
  summary: 'Makes a token by which one device enrols, once. The answer shows it, this once.',
  access: ['API_KEY_WRITE'],
  extension: { since: '0.1.0' },
  params: {
    device_invite: z
      .strictObject({
        name: KeyName.nullable().default(null),
        ttl: Whole.min(1).max(LONGEST_TTL_SECONDS).default(TTL_SECONDS),
        idempotency_key: IdempotencyKey,
      })
      .prefault({}),
  },
  result: z.strictObject({ token: z.string(), name: z.string().nullable(), expires_at: Moment }),
  run: ({ device_invite: asked }, call) => {
    assertCanGrant(call.session, INVITING)
    const { name, ttl } = asked
    const { service, session, connection } = call
    const by = { actor: actorOf(call), secure: connection.secure }
    return doOnce(
      service,
      onceIn(call, 'device.invite', asked),
      async (once) => {
        const { token, until } = await inviteDevice(service, { session, name, ttl, once }, by)
        return { token: token.reveal(), name, expires_at: new Date(until) }
      },
      () => {
        throw shownBefore(
          'The token was made',
          'make another one, with another idempotency_key: nobody has the one that was lost.',
        )
      },
    )
  },
})

export const enroll = openMethod({
  name: 'device.enroll',
  summary:
    'Gives a device its own key for the token of `device.invite`. The answer shows it, this once.',
  access: 'anybody',
  extension: { since: '0.1.0' },
  params: {
    device_enroll: z.strictObject({
      token: SecretText,
      name: KeyName.nullable().default(null),
      model: Fact,
      serial: Fact,
      version: Fact,
      idempotency_key: IdempotencyKey,
    }),
  },
  result: z.strictObject({
    id: Whole,
    name: z.string(),
    username: z.string().nullable(),
    key: z.string(),
  }),
  run: async ({ device_enroll: asked }, { service, connection }) => {
    const { token, name, idempotency_key: idempotencyKey, ...facts } = asked
    const device = { token, name, facts, idempotencyKey }
    const { key, raw } = await enrollDevice(service, device, connection)
    return { id: key.id, name: key.name, username: key.username, key: raw.reveal() }
  },
})

export const query = method({
  name: 'device.query',
  summary: "Lists the tenant's devices.",
  stops: true,
  access: ['API_KEY_READ'],
  extension: { since: '0.1.0' },
  params: { filters: QueryFilters, options: QueryOptions },
  result: resultOf(DeviceEntry),
  row: DeviceEntry,
  filterable: true,
  run: async ({ filters, options }, { service, session: { tenant } }) => {
    const ask = { tenant, filters, options }
    const work = newWork()
    const isMatch = matches(filters, work)
    const rows = await findDevices(service, ask, deviceEntry, isMatch, work)
    return queryInTurns(rows, filters, options, work)
  },
})

export const getInstance = method({
  name: 'device.get_instance',
  summary: 'Shows one device.',
  access: ['API_KEY_READ'],
  extension: { since: '0.1.0' },
  params: { id: Whole, options: QueryOptions },
  result: instanceOf(DeviceEntry),
  row: DeviceEntry,
  run: async ({ id, options }, call) => {
    const ref = refIn(call.session, id)
    const [device] = ref === null ? [] : await call.service.devices.byNumbers(ref.tenant, [ref.n])
    if (device === undefined) throw missing('Device', id)
    return showOne(deviceEntry(device), options)
  },
})

export const remove = method({
  name: 'device.delete',
  summary:
    'Deletes a device and its key, which passes no check from the answer on; its sockets are closed.',
  stops: true,
  access: ['API_KEY_WRITE'],
  extension: { since: '0.1.0' },
  params: { id: Whole },
  result: z.literal(true),
  run: async ({ id }, call) => {
    const ref = refIn(call.session, id)
    if (ref === null) throw missing('Device', id)
    await deleteKey(call.service, { ref, actor: actorOf(call), kind: 'Device' })
    return true as const
  },
})
