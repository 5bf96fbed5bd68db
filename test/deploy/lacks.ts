/** What a deployment behind API Gateway's own addresses doesn't have, whoever plays AWS. */
import type { Lacks } from '../e2e/needs.ts'

export const LACKS: Lacks = {
  'plain text': 'API Gateway speaks TLS only; plain text comes in through the edge',
  'close codes': 'API Gateway closes sockets with a code of its own',
  'own process': 'functions are AWS’s to start and stop',
}
