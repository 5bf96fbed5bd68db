/** The same app with an edge: deployed, asked from beside it, destroyed. */
import { readFile } from 'node:fs/promises'
import { http } from '../../local/client.ts'
import { UserError } from '../../local/user-error.ts'
import { tell } from '../../tools/programs/tell.ts'
import type { createCdk } from './cdk.ts'
import type { Platform } from './platform.ts'

type Options = {
  readonly cdk: ReturnType<typeof createCdk>
  /** Synthesises, with these settings besides, and adapts. @returns the assembly's folder. */
  readonly prepare: (name: string, settings: Readonly<Record<string, string>>) => Promise<string>
  readonly platform: Platform
}

/** @throws UserError when something isn't as it should be. */
export const tryEdge = async ({ cdk, prepare, platform }: Options): Promise<void> => {
  const edged = await prepare('edged', { edge: 'true' })
  const { https } = platform.urls(await cdk.deploy(edged))
  const { status } = await http(`${https}/healthz`, { ca: await readFile(platform.ca, 'utf8') })
  if (status !== 403) throw new UserError(`Who goes round the edge is answered ${status}`)
  tell('Deployed with the edge: who goes round it is refused')
  await cdk.destroy(edged)
  tell('Destroyed')
}
