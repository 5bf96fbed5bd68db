/**
 * The service as one stack: what there is, and who may do what. Each function gets the permissions
 * that its part of `shared/` uses and no more; a grant sets the environment that goes with it.
 */
import { type App, CfnOutput, Duration, Stack } from 'aws-cdk-lib'
import { createTable, createWrappingKey } from './data.ts'
import { fanOutChanges } from './fanout.ts'
import { createHttpApi, createSocketApi } from './gateway.ts'
import { createLambda } from './lambda.ts'
import { readSettings } from './settings.ts'
import { scheduleSweep } from './sweep.ts'

/** API Gateway gives up on a call after 29 seconds: working longer would be for nobody. */
const CALL = Duration.seconds(29)

export const createKeyharbor = (app: App): Stack => {
  const { login, operator } = readSettings(app)
  const stack = new Stack(app, 'Keyharbor', { description: 'Keyharbor: API keys of NAS fleets' })
  const table = createTable(stack)
  const wrappingKey = createWrappingKey(stack)

  const socket = createLambda(stack, 'Socket', { memory: 1024, timeout: CALL, environment: login })
  const socketApi = createSocketApi(stack, socket)
  table.grant(socket, 'read', 'add', 'change')
  wrappingKey.grant(socket, 'open')
  socketApi.grantPush(socket)

  const http = createLambda(stack, 'Http', { memory: 1024, timeout: CALL, environment: operator })
  const httpApi = createHttpApi(stack, http)
  table.grant(http, 'read', 'add', 'change')
  wrappingKey.grant(http, 'open and make')

  const fanout = createLambda(stack, 'Fanout', { memory: 512, timeout: Duration.minutes(1) })
  fanOutChanges(stack, table.resource, fanout)
  table.grant(fanout, 'read', 'change')
  socketApi.grantPush(fanout)

  const sweep = createLambda(stack, 'Sweep', { memory: 512, timeout: Duration.minutes(5) })
  scheduleSweep(stack, sweep)
  table.grant(sweep, 'read', 'add', 'change', 'due')

  new CfnOutput(stack, 'SocketUrl', { value: socketApi.url })
  new CfnOutput(stack, 'HttpUrl', { value: httpApi.url })
  return stack
}
