/** Keys of items in the record: one text for a kind, and no value in it. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { generalised, generalisedContext } from '../../../local/record/generalise.ts'
import { place } from '../../../shared/store/places.ts'

const at = { tenant: 7, n: 12 }

// Every kind of item that there is: a new one without a label here would read as <id>.
it.each([
  [place.service, 'SERVICE', 'META'],
  [place.directory(7), 'SERVICE', 'TENANT#<n>'],
  [place.signingKey(12), 'SIGNING', '<n>'],
  [place.slug('acme'), 'SLUG#<slug>', 'META'],
  [place.tenant(7), 'T#<n>', 'META'],
  [place.user(7, 'bob#KEY#1'), 'T#<n>', 'USER#<username>'],
  [place.key(at), 'T#<n>', 'KEY#<n>'],
  [place.check(at), 'T#<n>#K#<n>', 'CHECK'],
  [place.keyName(7, 'my #K#1'), 'T#<n>', 'NAME#<name>'],
  [place.owned(at, 3), 'T#<n>', 'OWN#<n>#<n>'],
  [place.used(at), 'T#<n>', 'USED#<n>'],
  [place.audit(7, 0, '01ARZ3NDEKTSV4RRFFQ69G5FAV'), 'T#<n>#AUDIT#<day>', '<id>'],
  [place.budget(7, 29_000_000), 'T#<n>#BUDGET', '<n>'],
  [place.count(7, 12), 'T#<n>#COUNT', '<n>'],
  [place.once(7, 'abc'), 'T#<n>#ONCE#<digest>', 'ONCE'],
  [place.once(null, 'abc'), 'ONCE#<digest>', 'ONCE'],
  [place.connection('dGVzdA='), 'C#<id>', 'CONN'],
  [place.sessionBefore(7, 'K000000012', 'dGVzdA='), 'T#<n>', 'SESSION#<holder>#<id>'],
  [
    place.session(7, { principal: 'U000000001', holder: 'K000000012' }, 'dGVzdA='),
    'T#<n>#S#<n>',
    'SESSION#<holder>#<id>#<id>',
  ],
  [place.subscription(7, 'api_key.query', 'dGVzdA=', 'x'), 'T#<n>#SUB#<collection>', '<id>#<id>'],
  [place.token({ tenant: 7, session: 'a-b', slot: 15 }), 'T#<n>', 'TOKEN#<id>#<n>'],
  [place.device(at), 'T#<n>', 'DEVICE#<n>'],
  [place.seen(at), 'T#<n>#K#<n>', 'SEEN'],
  [place.invitation(7, 'abc'), 'T#<n>', 'INVITE#<digest>'],
  [place.invited(7, 497_000), 'T#<n>', 'INVITED#<n>'],
  [place.gate(7, 15), 'T#<n>#G#<n>', 'GATE'],
  [place.propagation(7, 12), 'T#<n>', 'PROPAGATE#<n>'],
  [place.salt(at), 'T#<n>#K#<n>', 'SALT'],
  [place.tries(7, 12, 'OTHERS'), 'T#<n>#TRIES#<n>', 'OTHERS'],
  [place.tries(7, 12, 'KNOWN#bob'), 'T#<n>#TRIES#<n>', 'KNOWN#<username>'],
])('%j reads %s, %s', ({ pk, sk }, partition, sort) => {
  expect([generalised(pk), generalised(sk)]).toEqual([partition, sort])
})

it('knows each kind of item there is', () => {
  const kinds =
    'service directory slug tenant user key check keyName owned used audit connection session sessionBefore'
  expect(Object.keys(place).sort()).toEqual(
    `${kinds} subscription token device seen invitation invited signingKey budget count once gate propagation salt tries`
      .split(' ')
      .sort(),
  )
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
