/**
 * The canary: no secret that any e2e test has seen may stand in what the service has printed, or
 * anywhere in its data folder (table, stream, checkpoints, bundles), but in the one file that is for
 * them. Nor in the record of AWS calls, where there is one.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, inject, it } from 'vitest'

const { bootstrap, data, log, secrets, record } = inject('cloud')

/** A secret as text, and in the base64 of DynamoDB's wire. */
const needlesOf = (secret: string): string[] => {
  // A key's number is public: its secret is what comes behind the dash.
  const text = /^\d+-(\w{64})$/.exec(secret)?.[1] ?? secret
  return [text, Buffer.from(text).toString('base64').replace(/=+$/, '').slice(0, -1)]
}

it('finds no secret in the log or in the data folder', async () => {
  const seen = await readFile(secrets, 'utf8').catch(() => '')
  const known = [bootstrap.password, bootstrap.apiKey, bootstrap.device.apiKey]
  const all = [...known, bootstrap.operatorToken, ...seen.split('\n')].filter((one) => one !== '')
  const needles = all.flatMap(needlesOf)
  const holds = async (path: string): Promise<boolean> => {
    const content = await readFile(path)
    return needles.some((needle) => content.includes(needle))
  }
  // A search that finds nothing must be one that could have found something.
  expect(await holds(join(data, 'bootstrap.json'))).toBe(true)
  const found = await readdir(data, { recursive: true, withFileTypes: true })
  const places = found
    .filter((entry) => entry.isFile() && entry.name !== 'bootstrap.json')
    .map(({ parentPath, name }) => join(parentPath, name))
  expect(places).toContain(join(data, 'dynamo.db'))
  const leaks = []
  const files = [log, ...(record === null ? [] : [record]), ...places]
  for (const place of files) if (await holds(place)) leaks.push(place)
  expect(leaks).toEqual([])
  process.stdout.write(`Looked for ${all.length} secrets in ${files.length} files\n`)
})
