/** The two APIs in front: sockets and HTTP. The edge, where there is one, joins them under one host. */
import { ArnFormat, type Stack, Validations } from 'aws-cdk-lib'
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import {
  HttpApi,
  HttpMethod,
  HttpStage,
  type IAccessLogSettings,
  LogGroupLogDestination,
  WebSocketApi,
  WebSocketStage,
} from 'aws-cdk-lib/aws-apigatewayv2'
import {
  HttpLambdaIntegration,
  WebSocketLambdaIntegration,
} from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import type { Function as Lambda } from 'aws-cdk-lib/aws-lambda'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { CHECK_PATHS } from '../shared/http/paths.ts'
import { retention } from './logs.ts'
import type { Settings } from './settings.ts'

export const SOCKET_STAGE = 'api'

export const createSocketApi = (stack: Stack, settings: Settings, fn: Lambda) => {
  // One integration for each route: CDK allows only the first route of a shared one to invoke.
  const route = (name: string) => ({ integration: new WebSocketLambdaIntegration(name, fn) })
  const api = new WebSocketApi(stack, 'SocketApi', {
    // There are no routes by content: this member is "2.0" in every good frame, so all go to `$default`.
    routeSelectionExpression: '$request.body.jsonrpc',
    connectRouteOptions: route('OnConnect'),
    disconnectRouteOptions: route('OnDisconnect'),
    // What the function returns is the reply to the frame.
    defaultRouteOptions: { ...route('OnMessage'), returnResponse: true },
  })
  const logs = settings.accessLogs === 'all'
  const stage = new WebSocketStage(stack, 'SocketStage', {
    webSocketApi: api,
    stageName: SOCKET_STAGE,
    autoDeploy: true,
    throttle: throttle(settings),
    ...(logs && {
      accessLogSettings: accessLog(stack, 'SocketAccessLog', settings, {
        error: '$context.integration.error',
      }),
    }),
  })
  Validations.of(api).acknowledge(NO_AUTHORIZER)
  if (!logs) Validations.of(stage).acknowledge(NO_ACCESS_LOG)
  return {
    stage,
    /** `<id>.execute-api.<region>.<suffix>`; behind it, the stage. */
    host: `${api.apiId}.execute-api.${stack.region}.${stack.urlSuffix}`,
    arnOf: (path: string): string =>
      stack.formatArn({
        service: 'execute-api',
        resource: api.apiId,
        resourceName: `${SOCKET_STAGE}/${path}`,
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      }),
    id: api.apiId,
  }
}

export type SocketApi = ReturnType<typeof createSocketApi>

/** The path decides which function answers; the functions know the methods. */
export const createHttpApi = (
  stack: Stack,
  settings: Settings,
  { introspect, main }: { introspect: Lambda; main: Lambda },
) => {
  const api = new HttpApi(stack, 'HttpApi', {
    defaultIntegration: new HttpLambdaIntegration('Http', main),
    createDefaultStage: false,
  })
  // One integration, so one permission for each route.
  const checks = new HttpLambdaIntegration('Introspect', introspect)
  for (const path of CHECK_PATHS)
    api.addRoutes({ path, methods: [HttpMethod.ANY], integration: checks })
  const logs = settings.accessLogs !== 'none'
  const stage = new HttpStage(stack, 'HttpStage', {
    httpApi: api,
    autoDeploy: true,
    throttle: throttle(settings),
    ...(logs && {
      accessLogSettings: accessLog(stack, 'HttpAccessLog', settings, {
        bytes: '$context.responseLength',
        error: '$context.integrationErrorMessage',
      }),
    }),
  })
  Validations.of(api).acknowledge(NO_AUTHORIZER)
  if (!logs) Validations.of(stage).acknowledge(NO_ACCESS_LOG)
  return {
    stage,
    url: api.apiEndpoint,
    host: `${api.apiId}.execute-api.${stack.region}.${stack.urlSuffix}`,
    id: api.apiId,
  }
}

// ---------------------------------------------------------------------------------------------

const throttle = ({ requestsPerSecond, burst }: Settings) => ({
  rateLimit: requestsPerSecond,
  burstLimit: burst,
})

/**
 * No path, no query, no headers: they are the client's, which may have put a secret there.
 * @param more what only this kind of API knows (API Gateway Developer Guide, "Customize HTTP API access logs",
 * "Configure logging for WebSocket APIs").
 */
const accessLog = (
  stack: Stack,
  name: string,
  settings: Settings,
  more: Readonly<Record<string, string>>,
): IAccessLogSettings => ({
  destination: new LogGroupLogDestination(new LogGroup(stack, name, retention(settings))),
  format: AccessLogFormat.custom(
    JSON.stringify({
      at: '$context.requestTime',
      id: '$context.requestId',
      address: '$context.identity.sourceIp',
      route: '$context.routeKey',
      status: '$context.status',
      milliseconds: '$context.integrationLatency',
      ...more,
    }),
  ),
})

const NO_AUTHORIZER = {
  id: 'AwsSolutions-APIG4',
  reason:
    'Who calls is proven by the function: by SCRAM, key or token on the socket, by key or JWT over HTTP. What needs no proof (health, versions, the handshake) gives nothing away.',
}
const NO_ACCESS_LOG = {
  id: 'AwsSolutions-APIG1',
  reason:
    'Off by the setting accessLogs: a line for each frame or check costs a tenth of what it serves, and the functions log what went wrong.',
}
