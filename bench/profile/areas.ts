/** Whom a function's time belongs to: a folder of ours, a package, or a part of Node.js. */
import { existsSync, readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where a function begins, as V8 says it: both numbers count from 0. */
export type Place = {
  readonly url: string
  readonly lineNumber: number
  readonly columnNumber: number
}

/** Names the areas of functions in bundles, by the source maps that lie beside them. */
export const createAreas = () => {
  const maps = new Map<string, SourceMap | null>()
  const mapOf = (file: string): SourceMap | null => {
    const known = maps.get(file)
    if (known !== undefined) return known
    const beside = `${file}.map`
    const map = existsSync(beside) ? new SourceMap(JSON.parse(readFileSync(beside, 'utf8'))) : null
    maps.set(file, map)
    return map
  }

  /** @returns null for what is written in no file, such as functions of Node.js in C++. */
  return ({ url, lineNumber, columnNumber }: Place): string | null => {
    if (url.startsWith('node:')) return partOfNode(url.slice('node:'.length))
    if (!url.startsWith('file:')) return null
    const file = fileURLToPath(url)
    const found = mapOf(file)?.findEntry(lineNumber, columnNumber)
    const source = found && 'originalSource' in found ? found.originalSource : null
    return areaOf(relative(ROOT, source === null ? file : resolve(dirname(file), source)))
  }
}

/** @param path from the top of the repository. */
export const areaOf = (path: string): string => {
  const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? []
  if (name !== undefined) return SDK.test(name) ? 'AWS SDK' : name
  if (path.startsWith('bench/')) return 'the bench itself'
  // Folders below shared/ are parts of the service; elsewhere the first folder says enough.
  return path.split('/').slice(0, -1).slice(0, 2).join('/') || path
}

// ---------------------------------------------------------------------------------------------

const ROOT = join(import.meta.dirname, '../..')

const SDK = /^@(aws-sdk|aws-crypto|aws|smithy)\//

/** @param name without `node:`. */
const partOfNode = (name: string): string =>
  PARTS.find(([, names]) => names.test(name))?.[0] ?? 'Node.js, other'

const PARTS: readonly (readonly [string, RegExp])[] = [
  ['loading', /^internal\/(modules|main|bootstrap)\b/],
  ['node:crypto', /^(crypto|internal\/crypto)\b/],
  ['node:http', /^(_?https?|_http_\w+|internal\/http)\b/],
  ['Node.js, sockets and streams', /^(net|events|_?stream|internal\/(streams?|stream_base|net))/],
  ['Node.js, fetch and URL', /^(url|internal\/(url|deps\/undici|webstreams|fetch|abort))/],
  ['Node.js, buffers', /^(buffer|string_decoder|internal\/(buffer|encoding))/],
]
