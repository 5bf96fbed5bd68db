/** One run: everything is started, measured in turn, and ended. */
import { join, resolve } from 'node:path'
import { countCosts } from './cost.ts'
import type { Options } from './options.ts'
import { profileSome, readProfiles } from './profile/profiles.ts'
import { describeMachine } from './report/machine.ts'
import { type Result, toRows } from './report/result.ts'
import { startCloud } from './rig/cloud.ts'
import { makeTenant } from './rig/tenant.ts'
import { buildServers, bundleOf } from './run/build.ts'
import { profileInto, startChild } from './run/child.ts'
import { measureInRounds } from './run/rounds.ts'
import { measureScale } from './scale/measure.ts'
import { floors } from './subjects/floors.ts'
import { ours } from './subjects/ours.ts'
import { peers } from './subjects/peers.ts'
import { overSocket } from './subjects/service.ts'

type Say = (line: string) => void

/** @param folder for what is needed only meanwhile. */
export const run = async (folder: string, options: Options, say: Say): Promise<Result> => {
  await buildServers()
  if (options.profile !== null) profileInto(resolve(options.profile))
  const { rows, costs, profiles } = await measureChecks(folder, options, say)
  const scale = options.groups.includes('scale')
    ? await measureScale(
        options.data === null ? join(folder, 'tables') : resolve(options.data),
        options.sizes,
        { ...options, say },
      )
    : null
  return {
    machine: await describeMachine(),
    rounds: options.rounds,
    seconds: options.seconds,
    rows: [...rows, ...(scale === null ? [] : toRows(scale.subjects, scale.rounds))],
    asked: scale?.asked ?? [],
    sweeps: scale?.sweeps ?? [],
    costs,
    profiles,
  }
}

// ---------------------------------------------------------------------------------------------

/** All but the large tables: floors, ours and peers in the same rounds, for their ratios are what counts. */
const measureChecks = async (
  folder: string,
  options: Options,
  say: Say,
): Promise<Pick<Result, 'rows' | 'costs' | 'profiles'>> => {
  const cloud = await startCloud(join(folder, 'cloud'))
  const canned = startChild(bundleOf('canned-dynamo'))
  const sweeper = startChild(bundleOf('our-sweep'), { environment: cloud.environment('') })
  try {
    const tenant = await makeTenant(cloud)
    // Makes what the service itself needs, such as keys to sign with.
    await sweeper.ask('run')
    const { port } = await canned.ask<{ port: number }>('start', { upstream: cloud.dynamoUrl })
    const url = `http://127.0.0.1:${port}`
    const subjects = [
      ...floors(cloud, url, tenant),
      ...ours(cloud, url, tenant),
      ...overSocket(join(folder, 'service')),
      ...peers(folder),
    ].filter(({ group }) => options.groups.includes(group))
    const rounds = await measureInRounds(subjects, { ...options, say })
    const costs = options.groups.includes('cost')
      ? await countCosts(cloud, tenant, options.counted, say)
      : []
    const profiles =
      options.profile === null
        ? await profileSome(join(folder, 'profiles'), subjects, { ...options, say })
        : await readProfiles(resolve(options.profile), subjects)
    return { rows: toRows(subjects, rounds), costs, profiles }
  } finally {
    await sweeper.stop()
    await canned.stop()
    await cloud.close()
  }
}
