import { describe, expect, it } from 'vitest'
import {
  CURRENT,
  namesOf,
  parseVersion,
  VERSION_NAMES,
  VERSIONS,
} from '../../shared/domain/versions.ts'

describe('the versions of the API (docs/protocol/wire.md §1.2)', () => {
  it('are those that genuine servers list, in that order', () => {
    expect(VERSION_NAMES).toEqual([
      'v25.04.0',
      'v25.04.1',
      'v25.04.2',
      'v25.10.0',
      'v25.10.1',
      'v25.10.2',
      'v25.10.3',
      'v25.10.4',
      'v25.10.5',
      'v26.0.0',
    ])
  })

  it.each(VERSION_NAMES)('%s is its release', (name) => {
    const release = parseVersion(name)
    expect(release).toBe(name.replace(/\d+$/, '0'))
    expect(release && namesOf(release)).toContain(name)
  })

  it('are each called what they are first, and the newest `current` too', () => {
    for (const version of VERSIONS) expect(namesOf(version)[0]).toBe(version)
    expect(parseVersion('current')).toBe(CURRENT)
    expect(parseVersion(undefined)).toBe(CURRENT)
    expect(CURRENT).toBe(VERSIONS.at(-1))
  })

  // 25.10.6 is a release of TrueNAS, whose newest API is v25.10.5; hotfixes and betas have no API version.
  it.each([
    ...['v24.10', 'v24.10.0', 'v25.04', 'v25.04.3', 'v25.04.99', 'v25.10.6', 'v25.10.99'],
    ...['v26.0.1', 'v27.0.0', 'v25.04.2.6', 'v25.04.01', 'v25.10.5 ', 'V25.10.5', '25.10.5'],
    ...['', 'versions', '__proto__', 'constructor', 'length', '0'],
  ])('do not include %j', (name) => {
    expect(parseVersion(name)).toBeNull()
  })
})
