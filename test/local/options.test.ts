/** What `npm start` can be told. */
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { parseOptions } from '../../local/options.ts'

it('has defaults, for empty variables too', () => {
  const defaults = {
    host: '127.0.0.1',
    port: 8443,
    httpPort: 8080,
    data: resolve('.keyharbor'),
    sweepSeconds: 1,
    connectionsPerAddress: 4096,
    accessLog: false,
    journal: resolve('.keyharbor/journal'),
    bundled: false,
    node: undefined,
    assembly: undefined,
    record: undefined,
    command: null,
    help: false,
    isNew: false,
    resetAdmin: false,
    memory: false,
  }
  expect(parseOptions({})).toEqual(defaults)
  expect(parseOptions({ PORT: '', HOST: '', KEYHARBOR_DATA: '' })).toEqual(defaults)
})

it('has the journal where it is told, beside the data, or none', () => {
  expect(parseOptions({ KEYHARBOR_DATA: '/data' }).journal).toBe('/data/journal')
  expect(parseOptions({ KEYHARBOR_DATA: '/data', KEYHARBOR_JOURNAL: '/disk' }).journal).toBe(
    '/disk',
  )
  expect(parseOptions({ KEYHARBOR_JOURNAL: 'off' }).journal).toBeNull()
})

it.each([
  [{ PORT: 'x' }, 'PORT must be a port number; it is "x"'],
  [{ HTTP_PORT: '65536' }, 'HTTP_PORT must be 0 … 65535; 0 takes any free port; it is "65536"'],
  [{ PORT: '80.5' }, 'PORT must be a port number; it is "80.5"'],
  [{ HOST: 'a b' }, 'HOST must be an address or a name of this machine; it is "a b"'],
  [{ KEYHARBOR_SWEEP_SECONDS: '0' }, 'KEYHARBOR_SWEEP_SECONDS must be 1 … 86400; it is "0"'],
  [
    { KEYHARBOR_CONNECTIONS_PER_ADDRESS: '0' },
    'KEYHARBOR_CONNECTIONS_PER_ADDRESS must be 1 … 1000000; it is "0"',
  ],
  [
    { KEYHARBOR_ACCESS_LOG: 'yes' },
    'KEYHARBOR_ACCESS_LOG must be 1 for on, or 0 for off; it is "yes"',
  ],
  [{ PORT: '8080' }, 'PORT and HTTP_PORT are both 8080: give one of them another number'],
])('says what is wrong with %o', (given, message) => {
  expect(() => parseOptions(given)).toThrow(message)
})

it('takes flags, and what goes with them', () => {
  const variables = { KEYHARBOR_RECORD: 'calls', KEYHARBOR_NODE: '/usr/bin/node' }
  expect(parseOptions(variables, ['--bundled'])).toMatchObject({
    bundled: true,
    record: resolve('calls'),
    node: '/usr/bin/node',
  })
  expect(parseOptions({}, ['-h'])).toMatchObject({ help: true, bundled: false })
  expect(() => parseOptions({ ...variables, KEYHARBOR_ASSEMBLY: 'cdk.out' })).toThrow(
    'KEYHARBOR_ASSEMBLY and KEYHARBOR_RECORD are for "npm start -- --bundled"',
  )
  expect(parseOptions({}, ['--new'])).toMatchObject({ isNew: true, resetAdmin: false })
  expect(parseOptions({}, ['--reset-admin'])).toMatchObject({ isNew: false, resetAdmin: true })
  expect(() => parseOptions({}, ['--new', '--reset-admin'])).toThrow('leave out --reset-admin')
  expect(() => parseOptions({}, ['more'])).toThrow('Usage: npm start')
  expect(parseOptions({}, ['backup', 'file']).command).toEqual({
    name: 'backup',
    file: resolve('file'),
    unknown: null,
  })
  for (const wrong of [['backup'], ['backup', 'a', 'b'], ['backup', 'a', '--new']])
    expect(() => parseOptions({}, wrong)).toThrow('Usage: npm start')
})

it('says of each variable what it is for', async () => {
  const { USAGE } = await import('../../local/usage.ts')
  const settings = await readFile(join(import.meta.dirname, '../../docs/settings.md'), 'utf8')
  for (const [, name = ''] of settings.matchAll(/^\| `([A-Z_]+)`/gm)) expect(USAGE).toContain(name)
})
