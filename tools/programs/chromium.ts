/** The browser of the tests: what is installed, else Debian's package where it can be installed. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A path, or why there is none and what to do about it. */
export type Chromium = { readonly path: string } | { readonly missing: string }

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

export const getChromium = (): Chromium => {
  const found = find()
  if (found !== null) return { path: found }
  const trouble = install()
  const installed = find()
  if (installed !== null) return { path: installed }
  return {
    missing: `Browser tests are skipped: there is no Chromium, and ${trouble}. Install one (Debian: apt-get install chromium), or give its path in CHROMIUM.`,
  }
}

// ---------------------------------------------------------------------------------------------

const find = (): string | null => {
  const { CHROMIUM: given, PATH = '' } = process.env
  // Who names one wants that one, and hears if it isn't there.
  if (given !== undefined) return existsSync(given) ? given : null
  const folders = ['/usr/bin', ...PATH.split(delimiter)]
  const paths = PROGRAMS.flatMap((program) => folders.map((folder) => join(folder, program)))
  return paths.find((path) => existsSync(path)) ?? null
}

/** @returns why there is still none, if so. */
const install = (): string => {
  if (process.env.CHROMIUM !== undefined) return `CHROMIUM names ${process.env.CHROMIUM}`
  if (process.getuid?.() !== 0) return 'only root may install the package'
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const { status, error } = spawnSync('apt-get', args, {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: 'ignore',
      timeout: 300_000,
    })
    if (error !== undefined || status !== 0) return `apt-get ${args[0]} failed`
  }
  return 'the package brought none'
}
