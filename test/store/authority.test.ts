/** By which authority a transaction is done; and what its audit entry says of it. */
import { describe, expect, it, vi } from 'vitest'
import { Fault } from '../../shared/domain/fault.ts'
import { audit, ceilingFor, SERVICE } from '../../shared/store/audit.ts'
import { itemKey } from '../../shared/store/item-keys.ts'
import { type Conflict, type Transact, underAuthority } from '../../shared/store/transact.ts'
import type { Held, Write } from '../../shared/store/write.ts'

const at = { pk: 'T#7', sk: 'KEY#1' }
const CHECK: Held['write'] = { check: { pk: 'T#7#S#1', sk: 'copy' }, conflict: 'SESSION_ENDED' }
const ENDED = { reason: 'SESSION_ENDED', old: null } as const

/** A transaction by an authority, after conflicts that it meets one after the other. */
const change = (
  met: (Conflict<string> | null)[],
  { isNew = [true] }: { isNew?: boolean[] } = {},
) => {
  const transact = vi.fn(async () => met.shift() ?? null)
  const release = vi.fn()
  const onChange = vi.fn()
  const refusal = vi.fn(() => new Fault('SESSION_EXPIRED'))
  const hold = vi.fn(async () => ({ write: CHECK, isNew: isNew.shift() ?? true, release, refusal }))
  const writes: Write<'TAKEN'>[] = [{ delete: at }, { put: at, by: { hold, onChange } }]
  const outcome = underAuthority(transact as Transact)(writes, { tries: 3 } as never)
  return { outcome, writes, transact, hold, release, onChange, refusal }
}

describe('a transaction', () => {
  it('by nobody whose authority could end is done as it is', async () => {
    const transact = vi.fn(async () => null)
    const writes: Write<never>[] = [{ delete: at }, { put: at, by: null }]
    expect(await underAuthority(transact as Transact)(writes)).toBeNull()
    expect(transact).toHaveBeenCalledExactlyOnceWith(writes, undefined)
  })

  it('has the condition of its authority, which hears that something changed', async () => {
    const { outcome, writes, transact, release, onChange } = change([null])
    expect(await outcome).toBeNull()
    expect(transact).toHaveBeenCalledExactlyOnceWith([CHECK, ...writes], { tries: 3 })
    expect(release).toHaveBeenCalledOnce()
    expect(onChange).toHaveBeenCalledOnce()
  })

  it('may have an authority that need not hear of it', async () => {
    const hold = async () => ({ write: CHECK, isNew: true, release: vi.fn(), refusal: vi.fn() })
    expect(await underAuthority(async () => null)([{ put: at, by: { hold } }])).toBeNull()
  })

  it('that met something else changed nothing, and leaves the authority as it is', async () => {
    const conflict = { reason: 'TAKEN', old: null }
    const { outcome, release, onChange } = change([conflict])
    expect(await outcome).toBe(conflict)
    expect(release).toHaveBeenCalledOnce()
    expect(onChange).not.toHaveBeenCalled()
  })

  it('is refused when the authority has ended, and uses it no more', async () => {
    for (const [old, isNew] of [
      [null, true],
      [{ ended: true }, true],
      [{ ended: true }, false],
    ] as const) {
      const { outcome, hold, release, onChange, refusal } = change([{ ...ENDED, old }], {
        isNew: [isNew],
      })
      await expect(outcome).rejects.toMatchObject({ code: 'SESSION_EXPIRED' })
      expect(refusal).toHaveBeenCalledExactlyOnceWith(old)
      expect(hold).toHaveBeenCalledOnce()
      expect(release).not.toHaveBeenCalled()
      expect(onChange).not.toHaveBeenCalled()
    }
  })

  it('is tried by a new copy where only an old one is gone', async () => {
    const { outcome, hold, release } = change([ENDED, null], { isNew: [false, true] })
    expect(await outcome).toBeNull()
    expect(hold).toHaveBeenCalledTimes(2)
    expect(release).toHaveBeenCalledOnce()
  })
})

describe('an audit entry', () => {
  const entry = {
    tenant: 7,
    at: 5001,
    event: 'user.use_recovery_code',
    subject: { user: 'bob' },
  } as const

  it('says who did what, when and from where, and is done by their authority', () => {
    const authority = { hold: vi.fn() }
    const actor = { ...SERVICE, username: 'ada', keyId: 5, address: '192.0.2.1', authority }
    const written = audit({ ...entry, actor })
    expect(written).toMatchObject({
      put: {
        at: 5001,
        actor: { username: 'ada', keyId: 5, address: '192.0.2.1' },
        event: 'user.use_recovery_code',
        subject: 'bob',
      },
      when: 'attribute_not_exists(#pk)',
      mark: 6 + 3600,
    })
    expect(written.by).toBe(authority)
    const { pk, sk, ...said } = 'put' in written ? written.put : at
    expect({ pk, sk }).toEqual(itemKey.audit(7, 5001, sk))
    expect(JSON.stringify(said)).not.toContain('authority')
  })

  it('says what it counts, where it stands for several things', () => {
    const sums = { tries: 10, since: 1, budget: 'others' }
    const spent = { ...entry, event: 'user.tries_spent', sums, actor: SERVICE } as const
    expect(audit(spent)).toMatchObject({ put: sums })
  })
})

describe('the ceiling of a new secret', () => {
  const by = (uid: number, roles: readonly string[]) => ({
    ...SERVICE,
    maker: { uid, username: 'ada', roles, ceiling: ['ACCOUNT_READ'] },
  })

  it('is what its maker may, and for one’s own what one acts under', () => {
    expect(ceilingFor(by(1, ['API_KEY_WRITE']), 2)).toEqual(['API_KEY_WRITE'])
    expect(ceilingFor(by(1, ['FULL_ADMIN']), 2)).toBeNull()
    expect(ceilingFor(by(2, ['API_KEY_WRITE']), 2)).toEqual(['ACCOUNT_READ'])
    expect(ceilingFor(SERVICE, 2)).toBeNull()
  })
})
