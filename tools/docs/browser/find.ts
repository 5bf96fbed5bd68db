/** Finds entries that have all words, the best first: in the title before in the text, at the beginning
 * before within. */
import type { Entry } from '../search.ts'

export const find = (entries: readonly Entry[], text: string): readonly Entry[] => {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return []
  return entries
    .map((entry) => ({ entry, rank: rankOf(entry, words) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank)
    .map(({ entry }) => entry)
}

// ---------------------------------------------------------------------------------------------

const rankOf = ({ title, text }: Entry, words: readonly string[]): number => {
  const [name, about] = [title.toLowerCase(), text.toLowerCase()]
  let rank = 0
  for (const word of words) {
    if (name === word) rank += 8
    else if (name.startsWith(word)) rank += 4
    else if (name.includes(word)) rank += 3
    else if (about.includes(word)) rank += 1
    else return 0
  }
  return rank
}
