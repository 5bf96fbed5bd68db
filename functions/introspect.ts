/** Lambda entry of all that checks keys: a function of its own, since it is called most by far. */
import { parseEnv } from '../shared/env.ts'
import { createCheckApp } from '../shared/http/app.ts'
import { createChecks } from '../shared/service.ts'
import { serve } from './events/http-api.ts'
import { metered } from './events/metered.ts'

const service = createChecks({ env: parseEnv(process.env) })

export const handler = metered(service, serve(service.env, createCheckApp(service)))
