/** Where the app is deployed to, and what is particular about it. */
import { join } from 'node:path'
import type { Closers } from '../../tools/programs/tell.ts'
import type { Lacks } from '../e2e/needs.ts'
import type { Adaptation } from './assembly.ts'
import type { Outputs } from './cdk.ts'

export type Platform = {
  /** As in `test/aws/gaps.ts`. */
  readonly name: 'ministack' | 'localstack'
  readonly endpoint: string
  /** Path of the certificate that clients of the endpoint trust; an empty file for a public one. */
  readonly ca: string
  /** File of what it says. */
  readonly log: string
  /** Settings of the app that depend on it. */
  readonly settings: Readonly<Record<string, string>>
  /** Variables of the CDK command line, beside those of AWS. */
  readonly env: Readonly<Record<string, string>>
  /** What the templates have to say differently there. */
  readonly adaptations: readonly Adaptation[]
  /** Addresses of the two APIs, for clients on this machine. */
  readonly urls: (outputs: Outputs) => { readonly https: string; readonly wss: string }
  /** The operator whose tokens the deployment takes. */
  readonly operator: { readonly token: () => Promise<string> }
  readonly lacks: Lacks
}

export type Begin = (closers: Closers, folder: string) => Promise<Platform>

/** What a deployment behind API Gateway's own addresses doesn't have, whatever plays AWS. */
export const LACKS: Lacks = {
  'plain text': 'API Gateway speaks TLS only; plain text comes in through the edge',
  'close codes': 'API Gateway closes sockets with a code of its own',
  'own process': 'functions are AWS’s to start and stop',
}

/** Where {@link Platform.ca} may be written. */
export const caOf = (folder: string): string => join(folder, 'endpoint.pem')
