/** Character classes of RE2, `[^a-z\pL]`, read as it reads them: where one ends, and what it takes to fold its case. */

const CHARACTER = /\\x\{[^}]*\}|\\x[0-9a-fA-F]{2}|\\[0-7]{1,3}|\\.|[^\\\]]/su.source

/** Up to which another character is a range. Before the end of the class a hyphen is only that. */
const UPPER = `(?:-(?!\\])(${CHARACTER}))?`

/** A hyphen after a class within the class makes no range; and `[A-[:a:]` ends here, for its `[` is a bound. */
const ITEM = String.raw`\[:.*?:\]|\\[pP](?:\{[^}]*\}|.)|\\[dDsSwW]|(${CHARACTER}|^\])${UPPER}`

/** A class up to its end, which isn't in it. The first `]` is a character. What is read isn't read in another way again. */
export const CLASS = String.raw`\[\^?(?=(?<items>(?:\]${UPPER})?(?:${ITEM})*))\k<items>`

/**
 * Code points that are folded one by one where case makes no difference. Beyond those that have cases RE2 looks at
 * none, and neither where a range has all of them.
 */
export const foldedBy = (items: string): number => {
  let folded = 0
  for (const [, low = '', high = low] of items.matchAll(EACH)) {
    const [from, to] = [codePoint(low), codePoint(high)]
    if (from > FIRST_CASED || to < LAST_CASED)
      folded += Math.max(0, Math.min(to, LAST_CASED) - Math.max(from, FIRST_CASED) + 1)
  }
  return folded
}

// ---------------------------------------------------------------------------------------------

const FIRST_CASED = 0x41
const LAST_CASED = 0x1e943

/** Bounds are captured. Named classes have none: they are few characters, and Unicode's have been folded in advance. */
const EACH = new RegExp(ITEM, 'gsu')

const codePoint = (character: string): number => {
  const [, hexadecimal, octal, control] =
    /^\\(?:x\{?([0-9a-fA-F]+)\}?|([0-7]+)|([a-zA-Z]))$/u.exec(character) ?? []
  if (hexadecimal !== undefined) return Number.parseInt(hexadecimal, 16)
  if (octal !== undefined) return Number.parseInt(octal, 8)
  // Before all letters, such as `\n`; others are refused.
  if (control !== undefined) return 0
  return character.codePointAt(character.startsWith('\\') ? 1 : 0) ?? 0
}
