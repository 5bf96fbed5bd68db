/** What texts of the repository refer to, and whether it is there. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')

/** One reference: where it stands, as it stands there, and what it names. */
export type Citation = {
  readonly file: string
  readonly line: number
  readonly text: string
  readonly to: string
  /** Numbers of sections, such as `4.4`. */
  readonly sections: readonly string[]
  /** Anchor of a heading. */
  readonly anchor: string | null
}

/** A document and its sections: `docs/protocol/keys.md §4.4, §4.5`, `docs/storage.md#sealing`. */
const DOCUMENT = /(?<![\w/.-])(docs\/[\w/-]+\.md)(?:#([\w-]+)|((?:,? §\d+(?:\.\d+)?)+))?/g
/** A link of Markdown, but to other sites; a section may follow it: `[keys.md](keys.md) §4.4`. */
const LINK = /\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)((?:,? §\d+(?:\.\d+)?)+)?/g
/** A file or folder of the repository in backticks; documents are above. */
const CODE =
  /`((?:\.ci|\.github|bench|cdk|client|docs|examples|functions|local|portal|shared|test|tools)\/[\w/.-]*)(?<!\.md)`/g
/** What commands make, and the repository doesn't hold. */
const MADE = /\/(?:dist|node_modules|screenshots)\b/

/** A file of code, and functions of it: "`shared/a.ts`: `one`, `another`", as docs/map.md draws ways. */
const STEP = /`((?:functions|shared)\/[\w/-]+\.ts)`:\s((?:`\w+`(?:, )?)+)/g

/** A section of a public standard, which anybody finds. */
const STANDARD = /(?:RFC \d+|SP 800-63B|(?:Core|Discovery) 1\.0)(?:,? §\d+(?:\.\d+)*)+/g
/** What can't be followed: a document by an abbreviation, a section of nothing. */
const UNREADABLE =
  /\b(?:PROTOCOL|DESIGN|LESSONS|AGENT|STYLE|AWS)(?:\.md)? §?\d+(?:\.\d+)?|§\d+(?:\.\d+)*/g

/** @returns files of the tree that git doesn't ignore, by its patterns. */
export const filesLike = (...patterns: string[]): string[] =>
  execFileSync('git', ['ls-files', '-co', '--exclude-standard', ...patterns], {
    cwd: ROOT,
    encoding: 'utf8',
  })
    .trim()
    .split('\n')
    .filter((file) => existsSync(join(ROOT, file)))

/** @returns every reference of a text, in the order of its lines. */
export const citationsOf = (file: string, content: string): Citation[] =>
  content.split('\n').flatMap((text, index) => {
    const at = { file, line: index + 1 }
    const documents = [...text.matchAll(DOCUMENT)].map(([all, to = '', anchor, sections = '']) => ({
      ...at,
      text: all,
      to,
      sections: numbersOf(sections),
      anchor: anchor ?? null,
    }))
    const files = [...text.matchAll(CODE)]
      .filter(([, to = '']) => !MADE.test(to))
      .map(([all, to = '']) => ({ ...at, text: all, to, sections: [], anchor: null }))
    if (!file.endsWith('.md')) return [...documents, ...files]
    const links = [...text.matchAll(LINK)].map(([all, path = '', anchor, sections = '']) => ({
      ...at,
      text: all.slice(1),
      to: path === '' ? file : normalize(join(dirname(file), path)),
      sections: numbersOf(sections),
      anchor: anchor ?? null,
    }))
    return [...documents, ...files, ...links]
  })

/** @returns references by abbreviations and bare sections, as they stand. */
export const unreadableIn = (content: string): { line: number; text: string }[] =>
  content.split('\n').flatMap((text, index) => {
    const rest = [DOCUMENT, LINK, STANDARD].reduce((left, right) => left.replace(right, ''), text)
    return [...rest.matchAll(UNREADABLE)].map(([found]) => ({ line: index + 1, text: found }))
  })

/** @returns the functions that a document says are in a file, and aren't declared there. */
export const lostStepsIn = (content: string): string[] =>
  [...content.matchAll(STEP)].flatMap(([, file = '', names = '']) => {
    const code = readFileSync(join(ROOT, file), 'utf8')
    return [...names.matchAll(/\w+/g)]
      .filter(
        ([name]) => !new RegExp(`const ${name}\\b|^ +(?:async )?\\*?${name}[(<:]`, 'm').test(code),
      )
      .map(([name]) => `${file} has no ${name}`)
  })

/** @returns what is wrong with a reference, and what to do; null if it leads somewhere. */
export const problemOf = ({ file, line, text, to, sections, anchor }: Citation): string | null => {
  const say = (what: string) => `${file}:${line}: \`${text}\`: ${what}`
  const path = join(ROOT, to)
  if (!existsSync(path)) return say(`there is no ${to}: name the file as it is called now`)
  if (sections.length === 0 && anchor === null) return null
  if (statSync(path).isDirectory()) return say('a folder has no sections: name a file')
  const headings = headingsOf(readFileSync(path, 'utf8'))
  const lost = sections.find((section) => !headings.some(({ number }) => number === section))
  if (lost !== undefined)
    return say(`${to} has no section ${lost}: it has ${list(headings.map(({ number }) => number))}`)
  if (anchor !== null && !headings.some((heading) => heading.anchor === anchor))
    return say(`${to} has no #${anchor}: it has ${list(headings.map((h) => `#${h.anchor}`))}`)
  return null
}

// ---------------------------------------------------------------------------------------------

const numbersOf = (sections: string): string[] => sections.match(/\d+(?:\.\d+)?/g) ?? []

type Heading = { readonly number: string | null; readonly anchor: string }

/** Headings outside of blocks of code, with the anchors that GitHub gives them. */
const headingsOf = (markdown: string): Heading[] => {
  const seen = new Map<string, number>()
  return [...markdown.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)].map(
    ([, text = '']) => {
      const slug = text
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_\- ]/gu, '')
        .replaceAll(' ', '-')
      const times = seen.get(slug) ?? 0
      seen.set(slug, times + 1)
      return {
        number: /^(\d+(?:\.\d+)?)\.? /.exec(text)?.[1] ?? null,
        anchor: times === 0 ? slug : `${slug}-${times}`,
      }
    },
  )
}

const list = (names: readonly (string | null)[]): string =>
  names.filter((name) => name !== null).join(', ') || 'none'
