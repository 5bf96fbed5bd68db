/**
 * Keys of items without their values, so that all that are of one kind read the same: `T#7#K#12` is
 * `T#<n>#K#<n>`. Only what is known to be a label stays; anything else becomes a placeholder.
 */

/** What comes after each label (`shared/store/item-keys.ts`); null for labels that stand alone. */
const LABELS: Readonly<Record<string, string | null>> = {
  SERVICE: null,
  SIGNING: null,
  INSTALLATION: null,
  META: null,
  CHECK: null,
  CONN: null,
  SEEN: null,
  BUDGET: null,
  COUNT: null,
  T: 'n',
  K: 'n',
  S: 'n',
  G: 'n',
  GATE: null,
  SALT: null,
  OTHERS: null,
  SPENT: null,
  KNOWN: 'username',
  PROPAGATE: 'n',
  TRIES: 'n',
  C: 'id',
  SLUG: 'slug',
  TENANT: 'n',
  USER: 'username',
  KEY: 'n',
  NAME: 'name',
  OWN: 'n',
  USED: 'n',
  AUDIT: 'day',
  SESSION: 'holder',
  SUB: 'collection',
  TOKEN: 'id',
  INVITE: 'digest',
  ONCE: 'digest',
  INVITED: 'n',
  DEVICE: 'n',
  JOB: 'n',
}

/** @param text a partition or sort key, or the beginning of one. */
export const generalised = (text: string): string => {
  const parts = text.split('#')
  const made: string[] = []
  while (parts.length > 0) {
    const part = parts.shift() ?? ''
    const follows = Object.hasOwn(LABELS, part) ? LABELS[part] : undefined
    if (follows === undefined) {
      // Behind what isn't a label there may be anything, a # too.
      const rest = /^\d+$/.test(part) ? '<n>' : part === '' ? '' : '<id>'
      made.push(rest)
      continue
    }
    made.push(part)
    if (follows === null || parts.length === 0) continue
    const value = parts.shift() ?? ''
    made.push(value === '' ? '' : `<${follows}>`)
    // A name may hold a # of its own: it reaches to the end.
    if (follows === 'name' || follows === 'username') break
  }
  return made.join('#')
}

/** Values of a KMS encryption context: what is counted is `<n>`, words stay as they are. */
export const generalisedContext = (
  context: Readonly<Record<string, string>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(context).map(([name, value]) => [name, value.replace(/\d+/g, '<n>')]),
  )
