/** `npm run site`: builds the site into `dist/site`, if it isn't there as it should be. */
import { relative } from 'node:path'
import { parseArgs } from 'node:util'
import { buildSite, SITE } from './build.ts'

const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } })
if (values.help) {
  process.stdout.write(
    'npm run site: builds the portal and the API documentation into dist/site, if they changed.\n',
  )
  process.exit()
}
const began = Date.now()
const isBuilt = await buildSite()
const seconds = ((Date.now() - began) / 1000).toFixed(1)
process.stdout.write(
  `${relative('.', SITE)} ${isBuilt ? `is built (${seconds} s)` : 'is as it was built before'}.\n`,
)
