/** Commands that documents, templates and workflows name are there, and workflows run the Node.js that is promised. */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { filesLike, ROOT } from './citations.ts'

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')
const { scripts, engines, version, repository } = JSON.parse(read('package.json')) as {
  scripts: Record<string, string>
  engines: { node: string }
  version: string
  repository: { url: string }
}
const files = filesLike('*.md', '.ci', '.github')

describe('commands that the repository names', () => {
  it.each(files)('%s', (file) => {
    const named = [...read(file).matchAll(/\bnpm run ([a-z][\w:]*)(?![\w:]| --prefix)/g)]
    const missing = named.flatMap(([, script = '']) => (script in scripts ? [] : [script]))
    expect(missing, 'name a script of package.json').toEqual([])
    const run = [...read(file).matchAll(/\bbash (\.ci\/\w+)/g)].map(([, path = '']) => path)
    for (const path of run) expect(existsSync(join(ROOT, path)), path).toBe(true)
  })

  it.each([...files, 'package.json'])('%s names projects of vitest.config.ts', (file) => {
    const named = [...read(file).matchAll(/--project ([\w-]+)/g)].map(([, name]) => name)
    const missing = named.filter((name) => !read('vitest.config.ts').includes(`('${name}', `))
    expect(missing, 'name a project of vitest.config.ts').toEqual([])
  })
})

describe('the workflows', () => {
  const ci = read('.github/workflows/ci.yml')

  it('test the oldest Node.js that engines allows, and Lambda’s', () => {
    const [, oldest] = /(\d+)/.exec(engines.node) ?? []
    const [, lambda] = /NODEJS_(\d+)_X/.exec(read('cdk/lambda.ts')) ?? []
    expect(ci).toContain(`node: [${oldest}, ${lambda}]`)
  })

  it.each(['ci', 'release'])('take actions by commit: %s', (name) => {
    for (const [, action = ''] of read(`.github/workflows/${name}.yml`).matchAll(/uses: (\S+)/g))
      expect(action).toMatch(/^\.\/|@[0-9a-f]{40}$/)
  })
})

describe('a tag', () => {
  const FILES = ['.ci/release', 'package-lock.json', 'client/package.json', 'package.json']
  const CHANGELOGS = ['client/CHANGELOG.md', 'CHANGELOG.md']
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'keyharbor-tag-'))
    for (const path of ['.ci', 'client']) mkdirSync(join(folder, path))
    for (const file of FILES) cpSync(join(ROOT, file), join(folder, file))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  /** What `.ci/release` says of a tag, where these CHANGELOGs have a part for it. */
  const release = (tag: string, { ready = CHANGELOGS, home = '' } = {}) => {
    for (const file of CHANGELOGS)
      writeFileSync(
        join(folder, file),
        `# Changelog\n\n## ${version}${ready.includes(file) ? '' : ' (unreleased)'}\n\n- ${file}\n\n## 0.0.1\n`,
      )
    const env = { ...process.env, GITHUB_REPOSITORY: home }
    const done = spawnSync('bash', ['.ci/release', tag], { cwd: folder, env, encoding: 'utf8' })
    return done.status === 0 ? done.stdout.trim() : done.stderr
  }

  it('of the package’s version is a release, and the CHANGELOG has its notes', () => {
    expect(release(`v${version}`)).toBe('- CHANGELOG.md')
    const [, home] = /github\.com\/(.+)\.git$/.exec(repository.url) ?? []
    expect(release(`v${version}`, { home })).toBe('- CHANGELOG.md')
  })

  it('of another version, unfinished notes or another repository is none', () => {
    const tag = `v${version}`
    expect(release('v999.0.0')).toMatch(/^package\.json says .*: set it to 999\.0\.0\./)
    for (const file of CHANGELOGS) {
      const ready = CHANGELOGS.filter((one) => one !== file)
      expect(release(tag, { ready })).toContain(`${file} has no part '## ${version}'`)
    }
    expect(release(tag, { home: 'some/fork' })).toContain('git+https://github.com/some/fork.git')
  })
})
