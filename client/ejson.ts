/** Extended JSON, as far as callers meet it: `{"$date": ms}` is a `Date`, `{"$set": […]}` a `Set`.
 * Other tagged values (`$time`, `$ipv4_interface` …) are passed through as they stand. */

/** @throws TypeError for a `Date` that is none, which JSON would turn into null. */
export const encode = (value: unknown): string =>
  JSON.stringify(value, function (this: Record<string, unknown>, name, inner: unknown) {
    // `inner` is what `Date.toJSON` has already made a text of.
    const original = this[name]
    if (original instanceof Date) return { $date: millisecondsOf(original) }
    if (original instanceof Set) return { $set: [...original] }
    return inner
  })

/** @throws SyntaxError on broken JSON. */
export const decode = (text: string): unknown =>
  JSON.parse(text, (_, value: unknown) => {
    const tag = typeof value === 'object' && value !== null ? soleMember(value) : null
    if (tag?.name === '$date' && typeof tag.value === 'number') return new Date(tag.value)
    if (tag?.name === '$set' && Array.isArray(tag.value)) return new Set(tag.value)
    return value
  })

// ---------------------------------------------------------------------------------------------

const millisecondsOf = (date: Date): number => {
  const ms = date.getTime()
  if (Number.isNaN(ms)) throw new TypeError('An invalid Date can not be sent')
  return ms
}

const soleMember = (value: object): { name: string; value: unknown } | null => {
  const entries = Object.entries(value)
  const [first] = entries
  return entries.length === 1 && first !== undefined ? { name: first[0], value: first[1] } : null
}
