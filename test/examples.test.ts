/** The examples work: what the CI example runs is run here, against this checkout. */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const EXAMPLE = join(ROOT, 'examples/testing')

const run = (command: string): Promise<string> =>
  new Promise((done) => {
    const child = spawn(command, {
      cwd: EXAMPLE,
      shell: true,
      env: { ...process.env, KEYHARBOR_HOME: ROOT, NO_COLOR: '1', VITEST: undefined },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    child.stdout.on('data', (part) => {
      said += part
    })
    child.stderr.on('data', (part) => {
      said += part
    })
    child.on('close', (code) => done(`${said}\nexit code ${code}`))
  })

it('a project’s test-suite runs against Keyharbor as its CI example says', async () => {
  const steps = readFileSync(join(EXAMPLE, 'ci.yml'), 'utf8').matchAll(/^ +- run: (.+)$/gm)
  const commands = [...steps].map(([, command = '']) => command)
  // What is installed here stands for what those two install there.
  expect(commands.splice(0, 2)).toEqual(['npm ci --prefix keyharbor', 'npm ci'])
  expect(commands).toHaveLength(1)
  const said = await run(commands[0] ?? '')
  expect(said).toMatch(/Tests +1 passed/)
  expect(said).toMatch(/exit code 0$/)
})

it('each example is in the list of examples', () => {
  const list = readFileSync(join(ROOT, 'examples/README.md'), 'utf8')
  for (const name of readdirSync(join(ROOT, 'examples')))
    if (name !== 'README.md') expect(list).toContain(`](${name}`)
})
