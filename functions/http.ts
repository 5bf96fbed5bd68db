/** Lambda entry of the HTTP API but for checks: the operator's API, versions, health. */
import { parseEnv } from '../shared/env.ts'
import { createMainApp } from '../shared/http/app.ts'
import { createOperating } from '../shared/service.ts'
import { serve } from './events/http-api.ts'
import { metered } from './events/metered.ts'
import { named } from './events/named.ts'

const service = createOperating({ env: parseEnv(process.env) })

export const handler = metered(service, named(serve(service.env, createMainApp(service))))
