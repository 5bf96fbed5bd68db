/** From an HTTP API's event (payload format 2.0) to a hono app, for each function behind that API. */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import type { Env } from '../../shared/env.ts'
import type { App } from '../../shared/http/app.ts'
import { lightRequest, lightResponse } from './light.ts'
import { createViewers } from './viewer.ts'

/** @returns the function's handler. */
export const serve = (env: Env, app: App) => {
  const viewerOf = createViewers(env)
  return async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    const { headers } = event
    const { requestId: request, http } = event.requestContext
    const { method, sourceIp } = http
    const viewer = viewerOf({ header: (name) => headers[name.toLowerCase()], sourceIp })
    const named = { [REQUEST_ID]: request }
    if (viewer === null) return { ...FORBIDDEN, headers: { ...FORBIDDEN.headers, ...named } }
    const sent = lightRequest({ method, url: urlOf(event), headers, text: textOf(event) })
    const response = await app.fetch(sent, { ...viewer, request, respond: lightResponse })
    return {
      statusCode: response.status,
      headers: { ...Object.fromEntries(response.headers), ...named },
      body: await response.text(),
    }
  }
}

/** By which who asked and the log name the same request. It is API Gateway's own: what a client sends by this name counts for nothing. */
export const REQUEST_ID = 'x-request-id'

// ---------------------------------------------------------------------------------------------

const FORBIDDEN = {
  statusCode: 403,
  headers: { 'content-type': 'application/json' },
  body: '{"error":"forbidden"}',
}

/** The path comes decoded: what was `%3F` in it begins no query. */
const urlOf = ({ rawPath, rawQueryString, requestContext }: APIGatewayProxyEventV2): string =>
  `https://${requestContext.domainName}${rawPath.replace(/[%?#]/g, encodeURIComponent)}${rawQueryString && `?${rawQueryString}`}`

const textOf = ({ body = '', isBase64Encoded }: APIGatewayProxyEventV2): string =>
  isBase64Encoded ? Buffer.from(body, 'base64').toString() : body
