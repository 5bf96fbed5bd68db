import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, it, onTestFinished } from 'vitest'
import { areaOf, createAreas } from '../../bench/profile/areas.ts'
import { type CpuProfile, foldProfile } from '../../bench/profile/fold.ts'
import { readProfiles } from '../../bench/profile/profiles.ts'

type Node = CpuProfile['nodes'][number]

const node = (id: number, functionName: string, url = '', children: number[] = []): Node => ({
  id,
  callFrame: { functionName, url, lineNumber: 0, columnNumber: 0 },
  children,
})

/** Each sample stands for a millisecond. */
const profileOf = (nodes: Node[], samples: number[]): CpuProfile => ({
  nodes,
  samples: [...samples, 1],
  timeDeltas: [0, ...samples.map(() => 1000)],
})

const byUrl = ({ url }: { url: string }): string | null => url || null

describe('a profile, folded', () => {
  it('counts what is written in no file for who called it', () => {
    const nodes = [node(1, '(root)', '', [2]), node(2, 'sign', 'ours', [3]), node(3, 'hmac')]
    expect(foldProfile(profileOf(nodes, [2, 3, 3]), byUrl)).toEqual([{ area: 'ours', share: 1 }])
  })

  it('leaves out waiting, and what modules do while they are loaded', () => {
    const nodes = [
      node(1, '(root)', '', [2, 3, 5]),
      node(2, '(idle)'),
      node(3, 'run', 'loading', [4]),
      node(4, 'top', 'ours'),
      node(5, '(garbage collector)'),
    ]
    const shares = foldProfile(profileOf(nodes, [2, 2, 3, 4, 5]), byUrl)
    expect(shares).toEqual([{ area: 'garbage collection', share: 1 }])
  })

  it('has the largest first, and the small ones as one', () => {
    const names = ['much', 'tiny', 'small', 'more']
    const nodes = [
      node(1, '(root)', '', [2, 3, 4, 5]),
      ...names.map((name, at) => node(at + 2, 'f', name)),
    ]
    const samples = [3, 4, ...Array(98).fill(2), ...Array(100).fill(5)]
    expect(foldProfile(profileOf(nodes, samples), byUrl)).toEqual([
      { area: 'more', share: 0.5 },
      { area: 'much', share: 0.49 },
      { area: 'all else, each below 1 %', share: 0.01 },
    ])
  })

  it('is read of those subjects that left one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keyharbor-profile-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const profile = profileOf([node(1, '(root)', '', [2]), node(2, 'f', 'node:crypto')], [2])
    await writeFile(join(folder, 'own.cpuprofile'), JSON.stringify(profile))
    const subjects = ['own', 'other'].map((id) => ({ id, label: id }))
    expect(await readProfiles(folder, subjects)).toEqual([
      { id: 'own', label: 'own', shares: [{ area: 'node:crypto', share: 1 }] },
    ])
  })
})

describe('an area', () => {
  const at = (url: string) => createAreas()({ url, lineNumber: 0, columnNumber: 0 })

  it('is a folder of ours, a package, or a part of Node.js', () => {
    expect(areaOf('shared/http/app.ts')).toBe('shared/http')
    expect(areaOf('shared/env.ts')).toBe('shared')
    expect(areaOf('functions/events/http.ts')).toBe('functions/events')
    expect(areaOf('bench/servers/our-http.ts')).toBe('the bench itself')
    expect(areaOf('node_modules/hono/dist/hono.js')).toBe('hono')
    expect(areaOf('bench/node_modules/@hono/node-server/dist/index.mjs')).toBe('@hono/node-server')
    expect(areaOf('node_modules/@aws-sdk/a/node_modules/@smithy/b/c.js')).toBe('AWS SDK')
    expect(at('node:internal/crypto/hash')).toBe('node:crypto')
    expect(at('node:_http_outgoing')).toBe('node:http')
    expect(at('node:internal/modules/esm/module_job')).toBe('loading')
    expect(at('')).toBeNull()
  })

  it('of a function in a bundle is that of the file which it came from', async () => {
    const root = join(import.meta.dirname, '../..')
    const outfile = join(await mkdtemp(join(tmpdir(), 'keyharbor-areas-')), 'bundle.mjs')
    onTestFinished(() => rm(join(outfile, '..'), { recursive: true }))
    await build({
      stdin: { contents: "export * from './shared/domain/key.ts'", resolveDir: root },
      ...{
        outfile,
        bundle: true,
        format: 'esm',
        platform: 'node',
        minify: true,
        logLevel: 'error',
      },
      ...{ sourcemap: 'external', sourcesContent: false },
    })
    const url = pathToFileURL(outfile).href
    expect(createAreas()({ url, lineNumber: 0, columnNumber: 1e9 })).toMatch(/^shared\/domain$/)
  })
})
