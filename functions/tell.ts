/** Lambda entry of the table's stream: the reader that tells subscribers. */
import { parseEnv } from '../shared/env.ts'
import { tellSubscribers } from '../shared/live/tell.ts'
import { createTelling } from '../shared/service.ts'
import { readStream } from './events/stream.ts'

export const handler = readStream(createTelling({ env: parseEnv(process.env) }), tellSubscribers)
