/** A device as the API shows it. Name, expiry and revocation are its key's, and are changed there. */

import { wholeSeconds } from '../keys/entry.ts'
import type { Device } from '../store/devices.ts'
import type { DeviceEntry } from './entry-schema.ts'

export const deviceEntry = ({ key, from, by, seenAt, ...facts }: Device): DeviceEntry => ({
  id: key.id,
  name: key.name,
  ...facts,
  enrolled_at: wholeSeconds(key.createdAt),
  enrolled_from: from,
  invited_by: by,
  last_seen_at: seenAt === null ? null : wholeSeconds(seenAt),
  expires_at: key.expires === null ? null : wholeSeconds(key.expires),
  revoked: key.revoked !== null,
})
