/** `npm run check` refuses imports that go up the layers or in a circle, types and later ones included. What is
 * deployed, or runs on a person's machine, holds nothing that only tools and tests use. */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

/** By file, with the imports of it that are refused. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  'shared/domain/a.ts': ['../store/db.ts', '../env.ts'],
  'shared/domain/query/a.ts': ['../../log.ts'],
  'shared/log.ts': ['./store/db.ts'],
  'shared/crypto/a.ts': ['../store/users.ts'],
  'shared/store/a.ts': ['../keys/change.ts', '../parts.ts'],
  'shared/keys/a.ts': ['../service.ts', '../rpc/method.ts', '../../local/main.ts'],
  'shared/parts.ts': ['./live/tell.ts'],
  'shared/http/openapi/a.ts': ['../../service.ts', '../../../tools/marked.ts'],
  'shared/new/a.ts': ['../parts.ts'],
  'functions/a.ts': ['../local/main.ts'],
  'cdk/a.ts': ['../tools/marked.ts'],
  'local/gateway/a.ts': ['../../test/kit/table.ts'],
  'tools/docs/a.ts': ['../../test/docs/story.ts'],
  'client/a.ts': ['../shared/env.ts'],
  'portal/src/keys/a.tsx': ['../../../client/api.ts', '../../../shared/env.ts'],
}
/** By file, with imports of it that are right. */
const ALLOWED: typeof REFUSED = {
  'shared/domain/query/b.ts': ['../fault.ts'],
  'shared/store/b.ts': ['../domain/fault.ts', '../crypto/vault.ts'],
  'shared/keys/b.ts': ['../parts.ts', '../sessions/session.ts', '../env.ts'],
  'shared/http/openapi/b.ts': ['../../parts.ts', '../app.ts'],
  'portal/src/keys/b.tsx': ['../../../client/index.ts'],
  'tools/docs/b.ts': [
    '../../shared/service.ts',
    '../../local/main.ts',
    '../../test/mutants/mutants.ts',
  ],
  'test/local/b.ts': ['../../cdk/app.ts'],
}

it('each layer may use those before it, in whatever way it imports', {
  timeout: 60_000,
}, async () => {
  const texts = Object.entries({ ...REFUSED, ...ALLOWED }).map(([file, specifiers]) => [
    file,
    specifiers
      .flatMap((from, n) => [
        `import type { T${n} } from '${from}'`,
        `export { v${n} } from '${from}'`,
        `export const f${n} = async (): Promise<T${n}> => (await import('${from}')).v`,
      ])
      .join('\n'),
  ])
  const found = await lint([
    ...texts,
    ['shared/rpc/x.ts', "import type { Y } from './y.ts'\nexport type X = Y | 1"],
    ['shared/rpc/y.ts', "import type { X } from './x.ts'\nexport type Y = X | 2"],
  ] as [string, string][])
  const refused = Object.entries(REFUSED).map(([file, specifiers]) => [file, 3 * specifiers.length])
  expect(found).toEqual({
    ...Object.fromEntries(refused),
    'shared/rpc/x.ts': 1,
    'shared/rpc/y.ts': 1,
  })
})

it('every file of shared/ is reached from an entry point', () => {
  const functions = readdirSync(join(ROOT, 'functions')).filter((name) => name.endsWith('.ts'))
  const reached = reachedFrom(['local/main.ts', ...functions.map((name) => `functions/${name}`)])
  const files = readdirSync(join(ROOT, 'shared'), { recursive: true, encoding: 'utf8' })
  const unreached = files
    .map((name) => `shared/${name}`)
    .filter((file) => file.includes('.') && !reached.has(file))
  expect(unreached, 'move it to what uses it: tools/, test/ or bench/').toEqual([])
})

// ---------------------------------------------------------------------------------------------

/** @returns how many imports of each file Biome refuses, by our settings. */
const lint = async (files: readonly [string, string][]): Promise<Record<string, number>> => {
  const folder = await mkdtemp(join(tmpdir(), 'keyharbor-layers-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const name of ['biome.json', 'layers.grit'])
    await copyFile(join(ROOT, name), join(folder, name))
  for (const [file, text] of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), text)
  }
  const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome')
  const args = [biome, 'lint', '--vcs-enabled=false', '--reporter=json', '--max-diagnostics=none']
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder }).catch(
    (failed: { stdout: string }) => failed,
  )
  const counts: Record<string, number> = {}
  for (const { category, location } of (JSON.parse(stdout) as Report).diagnostics)
    if (category === 'plugin' || category === 'lint/suspicious/noImportCycles')
      counts[location.path] = (counts[location.path] ?? 0) + 1
  return counts
}

type Report = {
  readonly diagnostics: readonly {
    readonly category: string
    readonly location: { readonly path: string }
  }[]
}

/** By imports and exports of other files, types and later ones included. */
const reachedFrom = (entries: readonly string[]): ReadonlySet<string> => {
  const reached = new Set<string>()
  const follow = (file: string): void => {
    if (reached.has(file)) return
    reached.add(file)
    const text = readFileSync(join(ROOT, file), 'utf8')
    for (const [, to = ''] of text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
      const path = join(ROOT, dirname(file), to)
      if (existsSync(path)) follow(relative(ROOT, path))
    }
  }
  for (const entry of entries) follow(entry)
  return reached
}
