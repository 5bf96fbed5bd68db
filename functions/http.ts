/** Lambda entry of the HTTP API but for checks: the operator's API, versions, health. */
import { createMainApp } from '../shared/http/app.ts'
import { createService } from '../shared/service.ts'
import { serve } from './events/http-api.ts'

export const handler = serve((env) => createMainApp(createService({ env })))
