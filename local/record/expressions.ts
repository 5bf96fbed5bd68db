/** What DynamoDB's expressions name: attributes, and the values that keys are compared with. */

export type Names = Readonly<Record<string, string>>

/** Words of the expression language that aren't attributes. */
const WORDS =
  /^(SET|REMOVE|ADD|DELETE|AND|OR|NOT|BETWEEN|IN|attribute_exists|attribute_not_exists|attribute_type|begins_with|contains|size|if_not_exists|list_append)$/i

/** @returns the top-level attributes that expressions name, resolved. */
export const attributesOf = (names: Names, ...expressions: readonly unknown[]): string[] => {
  const found = new Set<string>()
  for (const expression of expressions) {
    if (typeof expression !== 'string') continue
    // A word behind a dot is inside of an attribute, and one behind a colon is a value.
    for (const [, word = ''] of expression.matchAll(/(?<![\w.:#])(#?[A-Za-z_]\w*)/g))
      if (word.startsWith('#')) found.add(names[word] ?? word)
      else if (!WORDS.test(word)) found.add(word)
  }
  return [...found].sort()
}

/** How a key condition compares an attribute: `=` or `begins_with`, and with the name of which value. */
export const comparedWith = (
  attribute: string,
  expression: string,
  names: Names,
): { readonly value: string; readonly begins: boolean } | null => {
  const spelled = Object.keys(names).filter((name) => names[name] === attribute)
  const word = `(?:${[attribute, ...spelled].join('|')})`
  const equal = new RegExp(`(?<![\\w#])${word}\\s*=\\s*(:\\w+)`).exec(expression)?.[1]
  if (equal !== undefined) return { value: equal, begins: false }
  const begins = new RegExp(`begins_with\\s*\\(\\s*${word}\\s*,\\s*(:\\w+)`).exec(expression)?.[1]
  return begins === undefined ? null : { value: begins, begins: true }
}
