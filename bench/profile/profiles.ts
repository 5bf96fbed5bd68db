/** Where the time of subjects goes: profiles of their processes, by area. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { profileInto } from '../run/child.ts'
import { type How, measureInRounds } from '../run/rounds.ts'
import type { Subject } from '../run/subject.ts'
import { CpuProfile, foldProfile, type Share } from './fold.ts'

export type Profile = {
  /** The subject's. */
  readonly id: string
  readonly label: string
  readonly shares: readonly Share[]
}

/** Of those that say most: our own work, with the SDK's, a batch, and with a listener. */
const SHOWN: ReadonlySet<string> = new Set([
  ...['own-token', 'process-canned-token', 'process-batch-canned-token', 'http-canned-token'],
])

/** Has a few of them do once more what they were measured for, for a round that counts nowhere else. */
export const profileSome = async (
  folder: string,
  subjects: readonly Subject[],
  how: How,
): Promise<Profile[]> => {
  const shown = subjects.filter(({ id }) => SHOWN.has(id))
  profileInto(folder)
  try {
    await measureInRounds(shown, { ...how, rounds: 1 })
  } finally {
    profileInto(null)
  }
  return readProfiles(folder, shown)
}

/** Of those subjects whose processes have left a profile that bears their name. */
export const readProfiles = async (
  folder: string,
  subjects: readonly Pick<Subject, 'id' | 'label'>[],
): Promise<Profile[]> => {
  const profiles: Profile[] = []
  for (const { id, label } of subjects) {
    const text = await readFile(join(folder, `${id}.cpuprofile`), 'utf8').catch(() => null)
    if (text !== null)
      profiles.push({ id, label, shares: foldProfile(CpuProfile.parse(JSON.parse(text))) })
  }
  return profiles
}
