/** Keys of items in the record: one text for a kind, and no value in it. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { generalised, generalisedContext } from '../../../local/record/generalise.ts'
import { itemKey } from '../../../shared/store/item-keys.ts'
import { itemKeyOf, type Kind } from '../../kit/item-keys.ts'

/** How each kind reads: one without a label in `LABELS` would read as <id>. */
const READS: Readonly<Record<Kind, readonly [partition: string, sort: string]>> = {
  service: ['SERVICE', 'META'],
  installation: ['SERVICE', 'INSTALLATION'],
  directory: ['SERVICE', 'TENANT#<n>'],
  signingKey: ['SIGNING', '<n>'],
  slug: ['SLUG#<slug>', 'META'],
  tenant: ['T#<n>', 'META'],
  user: ['T#<n>', 'USER#<username>'],
  key: ['T#<n>', 'KEY#<n>'],
  check: ['T#<n>#K#<n>', 'CHECK'],
  keyName: ['T#<n>', 'NAME#<name>'],
  owned: ['T#<n>', 'OWN#<n>#<n>'],
  used: ['T#<n>', 'USED#<n>'],
  audit: ['T#<n>#AUDIT#<day>', '<id>'],
  budget: ['T#<n>#BUDGET', '<n>'],
  count: ['T#<n>#COUNT', '<n>'],
  once: ['T#<n>#ONCE#<digest>', 'ONCE'],
  connection: ['C#<id>', 'CONN'],
  sessionBefore: ['T#<n>', 'SESSION#<holder>#<id>'],
  session: ['T#<n>#S#<n>', 'SESSION#<holder>#<id>#<id>'],
  subscription: ['T#<n>#SUB#<collection>', '<id>#<id>'],
  token: ['T#<n>', 'TOKEN#<id>#<n>'],
  device: ['T#<n>', 'DEVICE#<n>'],
  seen: ['T#<n>#K#<n>', 'SEEN'],
  invitation: ['T#<n>', 'INVITE#<digest>'],
  invited: ['T#<n>', 'INVITED#<n>'],
  gate: ['T#<n>#G#<n>', 'GATE'],
  propagation: ['T#<n>', 'PROPAGATE#<n>'],
  salt: ['T#<n>#K#<n>', 'SALT'],
  tries: ['T#<n>#TRIES#<n>', 'OTHERS'],
}

it.each(Object.entries(itemKeyOf))('%s reads as one of its kind', (kind, of) => {
  const { pk, sk } = of(7)
  expect([generalised(pk), generalised(sk)]).toEqual(READS[kind as Kind])
})

it.each([
  [itemKey.once(null, 'abc'), 'ONCE#<digest>', 'ONCE'],
  [itemKey.tries(7, 12, 'KNOWN#bob'), 'T#<n>#TRIES#<n>', 'KNOWN#<username>'],
])('%j reads %s, %s', ({ pk, sk }, partition, sort) => {
  expect([generalised(pk), generalised(sk)]).toEqual([partition, sort])
})

it('keeps the beginning of a sort key as one', () => {
  expect(generalised('KEY#')).toBe('KEY#')
  expect(generalised('OWN#000000003#')).toBe('OWN#<n>#')
})

it('says nothing of any value', () => {
  const secret = 'q7Zx'
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('T', 'K', 'USER', 'NAME', 'SUB', '#', '##', secret, '1'), {
        maxLength: 8,
      }),
      (parts) => {
        expect(generalised(parts.join('#'))).not.toContain(secret)
      },
    ),
  )
})

it('keeps words of an encryption context, and no number', () => {
  expect(generalisedContext({ service: 'keyharbor', tenant: '42' })).toEqual({
    service: 'keyharbor',
    tenant: '<n>',
  })
})
