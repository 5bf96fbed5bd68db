/** Commands that documents, templates and workflows name are there, and workflows run the Node.js that is promised. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesLike, ROOT } from './citations.ts'

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')
const { scripts, engines } = JSON.parse(read('package.json')) as {
  scripts: Record<string, string>
  engines: { node: string }
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
  const release = (tag: string) =>
    spawnSync('bash', ['.ci/release', tag], { cwd: ROOT, encoding: 'utf8' })

  it('of another version than the package’s is no release', () => {
    const { status, stderr } = release('v999.0.0')
    expect(status).toBe(1)
    expect(stderr).toMatch(/^package\.json says .*: set it to 999\.0\.0/)
  })
})
