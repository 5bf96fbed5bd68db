/** The events that a socket can subscribe to: who may, and what they tell (docs/protocol/core.md §7.1). */
import { holds } from './roles.ts'
import type { Extension } from './versions.ts'

type Event = {
  readonly name: string
  readonly summary: string
  /** Any of these roles; none means everybody who is logged in. */
  readonly roles: readonly string[]
  /** Of an event that TrueNAS doesn't have. */
  readonly extension?: Extension
}

export const EVENTS: readonly Event[] = [
  {
    name: 'api_key.query',
    summary: 'A key was added, changed or removed. Never carries a secret.',
    roles: ['API_KEY_READ'],
  },
  {
    name: 'device.query',
    summary: 'A device enrolled, its key was changed, or it was removed. Not that it was seen.',
    roles: ['API_KEY_READ'],
    extension: { since: '0.1.0' },
  },
  {
    name: 'core.get_jobs',
    summary: 'A job was added or changed. There are no jobs yet, so nothing is ever sent.',
    roles: [],
  },
]

export const mayHear = (roles: readonly string[], { roles: wanted }: Event): boolean =>
  wanted.length === 0 || wanted.some((role) => holds(roles, role))

/** The collections that a subscription to `name` means; `*` is all that the roles allow. */
export const collectionsOf = (name: string, roles: readonly string[]): Event[] =>
  EVENTS.filter((event) => (name === '*' ? mayHear(roles, event) : event.name === name))
