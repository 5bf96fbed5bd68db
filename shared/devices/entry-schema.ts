/** The schema of a device that is shown (`shared/devices/entry.ts` fills it). Apart from that, as a key's is. */
import * as z from 'zod'
import { Moment, Whole } from '../domain/schema.ts'
import type { DeviceFacts } from '../store/devices.ts'

/** What a device says of itself. */
const facts = {
  model: z.string().nullable(),
  serial: z.string().nullable(),
  version: z.string().nullable(),
} satisfies Record<keyof DeviceFacts, z.ZodType>

export const DeviceEntry = z.strictObject({
  id: Whole,
  name: z.string(),
  ...facts,
  enrolled_at: Moment,
  enrolled_from: z.string(),
  invited_by: z.string(),
  last_seen_at: Moment.nullable(),
  expires_at: Moment.nullable(),
  revoked: z.boolean(),
})
export type DeviceEntry = z.infer<typeof DeviceEntry>
