/** What functions are compared with: the least that can be done with what they are made of, built like
 * them. */
import { join } from 'node:path'
import { build } from 'esbuild'
import { BUNDLING } from '../../cdk/bundling.ts'
import { BARE_DYNAMODB } from './report.ts'
import type { Subject } from './size.ts'

const ROOT = join(import.meta.dirname, '../..')

const SOURCES = {
  'bare hono handler': `
    import { Hono } from 'hono'
    import { handle } from 'hono/aws-lambda'
    export const handler = handle(new Hono().get('/', (c) => c.text('')))`,
  [BARE_DYNAMODB]: `
    import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
    const client = new DynamoDBClient({})
    export const handler = (input) => client.send(new GetItemCommand(input))`,
}

/** @param folder for the bundles. */
export const buildBare = (folder: string): Promise<Subject[]> =>
  Promise.all(
    Object.entries(SOURCES).map(async ([name, contents], at) => {
      const file = join(folder, `${at}.mjs`)
      await build({
        ...BUNDLING,
        stdin: { contents, resolveDir: ROOT },
        outfile: file,
        bundle: true,
        platform: 'node',
        format: 'esm',
        logLevel: 'error',
      })
      return { name, kind: 'bare', file, environment: { AWS_REGION: 'eu-west-1' } }
    }),
  )
