/** Generated parts of documents: what stands between `<!-- begin <name> … -->` and `<!-- end <name> -->`. */

/** @throws Error if the document has no such part. */
export const replacePart = (document: string, name: string, text: string): string => {
  const begin = new RegExp(`<!-- begin ${name}\\b[^>]*-->\\n`).exec(document)
  const end = document.indexOf(`<!-- end ${name} -->`)
  const start = begin === null ? -1 : begin.index + begin[0].length
  if (start < 0 || end < start) throw new Error(`the document has no part "${name}"`)
  return `${document.slice(0, start)}\n${text.trim()}\n\n${document.slice(end)}`
}
