/** The two APIs in front: sockets and HTTP. The edge that joins them under one host comes before them. */
import type { Stack } from 'aws-cdk-lib'
import { HttpApi, WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2'
import {
  HttpLambdaIntegration,
  WebSocketLambdaIntegration,
} from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import type { Function as Lambda } from 'aws-cdk-lib/aws-lambda'

export const createSocketApi = (stack: Stack, fn: Lambda) => {
  // One integration for each route: CDK allows only the first route of a shared one to invoke.
  const route = (name: string) => ({ integration: new WebSocketLambdaIntegration(name, fn) })
  const api = new WebSocketApi(stack, 'SocketApi', {
    // There are no routes by content. This is "2.0" in every good frame: all go to `$default`.
    routeSelectionExpression: '$request.body.jsonrpc',
    connectRouteOptions: route('OnConnect'),
    disconnectRouteOptions: route('OnDisconnect'),
    // What the function returns is the reply to the frame.
    defaultRouteOptions: { ...route('OnMessage'), returnResponse: true },
  })
  const stage = new WebSocketStage(stack, 'SocketStage', {
    webSocketApi: api,
    stageName: 'api',
    autoDeploy: true,
  })
  return {
    url: stage.url,

    /** Sending to sockets and closing them. */
    grantPush(to: Lambda): void {
      to.addEnvironment('KEYHARBOR_CONNECTIONS_URL', stage.callbackUrl)
      stage.grantManagementApiAccess(to)
    },
  }
}

/** Every path and method goes to the function, which has a router of its own. */
export const createHttpApi = (stack: Stack, fn: Lambda) => {
  const api = new HttpApi(stack, 'HttpApi', {
    defaultIntegration: new HttpLambdaIntegration('Http', fn),
  })
  return { url: api.apiEndpoint }
}
