/** `npm run node24`: gets the Node.js that Lambda has into `.cache/node24`, for `npm start -- --bundled`. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { FOLDER, findNode, MAJOR, majorOf, PACKAGE, PROGRAM, VERSION } from './node.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const install = (): boolean => {
  // No script is run: the package is the program and nothing else.
  const args = ['install', '--prefix', FOLDER, '--no-save', '--ignore-scripts', '--no-audit']
  const { status } = spawnSync('npm', [...args, '--no-fund', `${PACKAGE}@${VERSION}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
  return status === 0 && existsSync(PROGRAM)
}

if (majorOf(process.version) >= MAJOR) say(`This is Node.js ${process.version} already.`)
else if (existsSync(PROGRAM) || install()) say(`${PROGRAM} is Node.js ${findNode().version}.`)
else {
  say(
    `npm has no ${PACKAGE}@${VERSION}: install Node.js ${MAJOR} otherwise, and set KEYHARBOR_NODE to its path.`,
  )
  process.exitCode = 1
}
