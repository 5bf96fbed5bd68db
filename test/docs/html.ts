/** Just enough of HTML to look at pages that we have written ourselves. */

/** The words of a page, as they are read. */
export const textOf = (html: string): string =>
  html
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')

export const linksOf = (html: string): string[] =>
  [...html.matchAll(/<(?:a|link)\b[^>]*\shref="([^"]*)"/g)].map(([, href = '']) => href)

export const anchorsOf = (html: string): string[] =>
  [...html.matchAll(/<[^>]*?\sid="([^"]*)"/g)].map(([, id = '']) => id)

/** Tags that are closed without being open, or the other way round. */
export const brokenTags = (html: string): string[] => {
  const broken: string[] = []
  const open: string[] = []
  for (const [, end, name = '', own] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*?(\/?)>/g)) {
    if (own === '/' || VOID.has(name)) continue
    if (end !== '/') open.push(name)
    else if (open.at(-1) === name) open.pop()
    else broken.push(name)
  }
  return [...broken, ...open]
}

// ---------------------------------------------------------------------------------------------

const VOID = new Set(['meta', 'link', 'input', 'br', 'hr', 'img', 'wbr'])
