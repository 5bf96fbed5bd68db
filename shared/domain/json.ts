/**
 * JSON as every reader understands it: I-JSON (RFC 7493), with a bound on depth. What is read here can be stored,
 * told to others, and read by them: texts are whole, integers exact, no member is there twice. All JSON
 * that comes in passes here, frames and bodies.
 */

/** JSON that not all readers understand alike. */
export class Unreadable extends SyntaxError {
  override readonly name = 'Unreadable'
}

/** Characters of a text that isn't read in one go with others: 64 kB take a few milliseconds. */
export const LARGE = 4096

/** Lists and objects within one another. Nothing here needs ten; Python's reader ends near a thousand. */
export const DEEPEST = 64

/** Lists and objects of one text. A thousand conditions, which are the most, have some two thousand. */
export const MOST_LISTS = 5000

/** Members of one object. Nothing here has fifty, and objects of thousands are slow to make. */
export const MOST_MEMBERS = 1000

type Members = Readonly<Record<string, unknown>>

/**
 * What an object stands for, if it isn't one: a datetime, say. Undefined where it is.
 * @param read reads what is in it.
 */
export type Extension = (
  object: Members,
  names: readonly string[],
  read: (inner: unknown) => unknown,
) => { readonly value: unknown } | undefined

type How = {
  readonly extension?: Extension
  /** A member of the outermost object that is taken as it stands, whatever it is. */
  readonly except?: string
}

/** @throws SyntaxError on broken JSON, Unreadable on what RFC 7493 forbids. */
export const parseJson = (text: string, how: How = {}): unknown =>
  readJson(text, JSON.parse(text), how)

/** The same for a text that is parsed already. */
export const readJson = (
  text: string,
  value: unknown,
  { extension, except }: How = {},
): unknown => {
  let members = 0
  let lists = 0

  const goInto = (depth: number): void => {
    if (depth === DEEPEST) throw tooDeep()
    lists += 1
    if (lists > MOST_LISTS)
      throw new Unreadable(`there are more than ${MOST_LISTS} lists and objects`)
  }

  const read = (inner: unknown, depth: number): unknown => {
    if (typeof inner === 'string') return wellFormed(inner)
    if (typeof inner === 'number') return exact(inner)
    if (inner === null || typeof inner !== 'object') return inner
    goInto(depth)
    if (!Array.isArray(inner)) return readObject(inner as Members, depth)
    const list: unknown[] = []
    for (const item of inner) list.push(read(item, depth + 1))
    return list
  }

  const readObject = (object: Members, depth: number): unknown => {
    const names = namesOf(object)
    members += names.length
    const extended = extension?.(object, names, (inner) => read(inner, depth + 1))
    if (extended !== undefined) return extended.value
    // A null prototype, so that a member called __proto__ is data like any other.
    const copy: Record<string, unknown> = Object.create(null)
    for (const name of names)
      copy[wellFormed(name)] =
        depth === 0 && name === except
          ? counted(object[name], depth + 1)
          : read(object[name], depth + 1)
    return copy
  }

  /** Counts the members of what is left as it stands. */
  const counted = (inner: unknown, depth: number): unknown => {
    if (inner === null || typeof inner !== 'object') return inner
    goInto(depth)
    if (!Array.isArray(inner)) members += namesOf(inner).length
    for (const item of Object.values(inner)) counted(item, depth + 1)
    return inner
  }

  const done = read(value, 0)
  // The parser keeps the last of two members of one name, where another parser may keep the first.
  if (members !== namesIn(text)) throw new Unreadable('a member is given twice in one object')
  return done
}

// ---------------------------------------------------------------------------------------------

const namesOf = (object: object): string[] => {
  const names = Object.keys(object)
  if (names.length <= MOST_MEMBERS) return names
  throw new Unreadable(`an object has more than ${MOST_MEMBERS} members`)
}

const tooDeep = () => new Unreadable(`lists and objects are nested deeper than ${DEEPEST}`)

/** RFC 7493 §2.1: half a surrogate pair is no text; UTF-8 can't carry it. */
const wellFormed = (text: string): string => {
  if (text.isWellFormed()) return text
  throw new Unreadable('a text has half a surrogate pair')
}

/** RFC 7493 §2.2. Fractions come as near as a double does, everywhere. */
const exact = (number: number): number => {
  if (Math.abs(number) <= Number.MAX_SAFE_INTEGER) return number
  throw new Unreadable(`a number is beyond ±${Number.MAX_SAFE_INTEGER}, where digits are lost`)
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const SPACE = 0x20

/** How many names of members stand in a text that is JSON: texts with a colon behind them. */
const namesIn = (text: string): number => {
  let names = 0
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at)) {
    for (at += 1; text.charCodeAt(at) !== QUOTE; at += 1)
      if (text.charCodeAt(at) === BACKSLASH) at += 1
    for (at += 1; text.charCodeAt(at) <= SPACE; ) at += 1
    if (text.charCodeAt(at) === COLON) names += 1
  }
  return names
}
