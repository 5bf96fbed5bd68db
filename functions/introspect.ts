/** Lambda entry of the check, `/oauth2/introspect`: on its own, for it is called most by far. */
import { createCheckApp } from '../shared/http/app.ts'
import { createChecks } from '../shared/service.ts'
import { serve } from './events/http-api.ts'

export const handler = serve((env) => createCheckApp(createChecks({ env })))
