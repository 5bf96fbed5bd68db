/**
 * What a pattern costs, told from its text before anything is made of it: RE2 writes repetitions out, `(a{9}){9}` as
 * 81 instructions, and compiling 46 times `(a{0,1000})` takes a third of a second; and where case makes no difference
 * it folds the ranges of a class code point by code point.
 */
import { CLASS, foldedBy } from './character-class.ts'

/** Instructions of all patterns of one query. Each is a step for each character that is looked at. */
export const MOST_INSTRUCTIONS = 1000

/** For what a pattern costs however short it is. */
export const PATTERN = 10
/** A Unicode class (`\pL`) is one instruction, and hundreds of ranges to be put together, a tenth of a millisecond. */
export const UNICODE = 80
/** Code points of classes that are folded for as much as an instruction takes. */
export const FOLDED = 50

/** What the patterns of one query have left to spend. */
export type Budget = { instructions: number }

export const newBudget = (): Budget => ({ instructions: MOST_INSTRUCTIONS })

/** Charges for a pattern. @returns its instructions, or why it isn't taken. */
export const charge = (pattern: string, budget: Budget): number | string => {
  const size = sizeOf(pattern)
  budget.instructions -= size
  return budget.instructions >= 0
    ? size
    : `the patterns of this query are too complex: with repetitions written out they have more than ${MOST_INSTRUCTIONS} instructions`
}

/** Instructions of a pattern in RE2 at the most, or a large number. What is no pattern has some size, too. */
export const sizeOf = (pattern: string): number => {
  const text = unquoted(pattern)
  const reader = new Reader(text)
  const size = PATTERN + reader.alternatives()
  return FOLDING.test(text) ? size + Math.ceil(reader.folded / FOLDED) : size
}

// ---------------------------------------------------------------------------------------------

/** Flags such as `(?i)` and `(?s-mi:`, wherever they stand and whether they hold or not. */
const FOLDING = /\(\?[a-zA-Z-]*i/

const CHARACTER_CLASS = new RegExp(`${CLASS}\\]?`, 'suy')

/** Opening and closing of a group. */
const GROUP = 2

/** A loop, and the way past one of what may be empty. */
const LOOP = 2

/** What is between `\Q` and `\E` as so many letters: what is repeated is the last of them. */
const unquoted = (pattern: string): string =>
  pattern.replace(/\\Q(.*?)(?:\\E|$)|\\./gsu, (whole, quoted?: string) =>
    quoted === undefined ? whole : 'x'.repeat(quoted.length),
  )

/** Reads RE2's syntax as far as sizes depend on it. */
class Reader {
  /** Code points of classes. A class is folded once, however often it is repeated. */
  folded = 0
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** The whole text, or what is in a group, its `)` included. */
  alternatives(): number {
    let size = 0
    while (this.#at < this.#text.length && !this.#take(')'))
      size += this.#take('|') ? GROUP : this.#repeated()
    return size
  }

  #repeated(): number {
    let size = this.#one()
    for (let times = this.#repetition(); times !== null; times = this.#repetition())
      size = times(Math.max(size, 1))
    return size
  }

  #one(): number {
    const character = this.#text[this.#at++]
    if (character === '\\') return this.#escape()
    if (character === '[') return this.#characterClass()
    if (character !== '(') return 1
    this.#skip(/\?(?:[a-zA-Z-]*:?|P?<[^>]*>)/y)
    return Math.max(this.alternatives(), 1) + GROUP
  }

  #escape(): number {
    if (this.#skip(/[pP]/y)) {
      this.#skip(/\{[^}]*\}|./suy)
      return UNICODE
    }
    this.#skip(/x\{[^}]*\}|x[0-9a-fA-F]{2}|[0-7]{1,3}|./suy)
    return 1
  }

  #characterClass(): number {
    this.#at -= 1
    const items = this.#skip(CHARACTER_CLASS)?.groups?.items ?? ''
    this.folded += foldedBy(items)
    return 1 + UNICODE * (items.match(/\\[pP]/g)?.length ?? 0)
  }

  /** What a repetition makes of a size; null where there is none. Beyond a thousand RE2 refuses it. */
  #repetition(): ((size: number) => number) | null {
    // What stands for no character doesn't come between: in `a(?i){9}` the `a` is repeated.
    this.#skip(/(?:\(\?[a-zA-Z-]*\))+/y)
    if (this.#skip(/[*+?]\??/y)) return (size) => size + LOOP
    const [, least, comma, most] = this.#skip(/\{(\d+)(?:(,)(\d*))?\}\??/y) ?? []
    if (least === undefined) return null
    const [from, to] = [Number(least), Number(most || least)]
    if (comma !== undefined && most === '') return (size) => size * Math.max(from, 1) + LOOP
    // What is there `{0}` times has been read all the same.
    return (size) => size * Math.max(to, 1) + Math.max(to - from, 0) + 1
  }

  #take(character: string): boolean {
    const isThere = this.#text[this.#at] === character
    if (isThere) this.#at += 1
    return isThere
  }

  /** @param what a sticky expression. */
  #skip(what: RegExp): RegExpExecArray | null {
    what.lastIndex = this.#at
    const found = what.exec(this.#text)
    if (found !== null) this.#at = what.lastIndex
    return found
  }
}
