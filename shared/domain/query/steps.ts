/** What one condition costs on one value, in the steps of `work.ts`. */

/** @param instructions of the pattern, for `~`. */
export const stepsOf = (
  operator: string,
  value: unknown,
  instructions: number,
): ((source: unknown) => number) => {
  if (operator === '~')
    return (source) => (instructions * (1 + lengthOf(source))) / INSTRUCTIONS_A_STEP
  const perItem = operator.startsWith('C') ? FOLDING : 1
  // Texts and numbers are looked up (`memberOf`); anything else is compared with each item that is none.
  const others =
    /^C?n?in$/.test(operator) && Array.isArray(value) ? value.filter(isOther).length : 0
  return (source) => perItem * extentOf(source) + (isOther(source) ? others : 0)
}

// ---------------------------------------------------------------------------------------------

/** One step for each character. */
const INSTRUCTIONS_A_STEP = 4
const CHARACTERS_A_STEP = 64
/** Folding looks at each character, and makes three of it. */
const FOLDING = 32

const isOther = (value: unknown): boolean =>
  typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean'

const lengthOf = (value: unknown): number => (typeof value === 'string' ? value.length : 0)

const extentOf = (value: unknown): number => {
  if (Array.isArray(value)) return value.length
  return value instanceof Set ? value.size : lengthOf(value) / CHARACTERS_A_STEP
}
