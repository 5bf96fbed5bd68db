/** Lambda entry of the table's stream: the reader that closes the sockets of what ended. */
import { parseEnv } from '../shared/env.ts'
import { closeEnded } from '../shared/live/close.ts'
import { createClosing } from '../shared/service.ts'
import { readStream } from './events/stream.ts'

export const handler = readStream(createClosing({ env: parseEnv(process.env) }), closeEnded)
