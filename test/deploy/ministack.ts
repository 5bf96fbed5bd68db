/** What the templates say differently, or not at all, for ministack; and where it serves what they
 * deploy. Each line says what and why. */
import type { Adaptation, Resource } from './assembly.ts'

/** Resource types that its CloudFormation refuses, with what it says. */
const REFUSED: Readonly<Record<string, string>> = {
  'AWS::ApiGatewayV2::RouteResponse':
    '"Template format error: Unrecognized resource types"; its sockets are answered without one',
}

export const dropRefused: Adaptation = ({ Resources }) => {
  const refused = Object.entries(Resources).filter(([, { Type }]) => Type in REFUSED)
  for (const [id] of refused) {
    delete Resources[id]
    for (const other of Object.values(Resources)) forget(other, id)
  }
  return refused.map(([id, { Type }]) => `${Type} ${id} is left out: ${REFUSED[Type]}`)
}

/** `https://<api>.execute-api.<region>.<suffix>/<stage>` in the functions' environments, as the
 * address by path that this emulator has for it: those names don't lead to it. */
export const addressByPath =
  (endpoint: string): Adaptation =>
  ({ Resources }) =>
    Object.entries(Resources).flatMap(([id, { Type, Properties }]) => {
      if (Type !== 'AWS::Lambda::Function') return []
      const { Variables = {} } = (Properties?.Environment ?? {}) as Environment
      return Object.entries(Variables).flatMap(([name, value]) => {
        const join = (value as Join)?.['Fn::Join']?.[1]
        const at = join?.indexOf('.execute-api.') ?? -1
        if (join === undefined || at < 1) return []
        const stage = join.at(-1)
        Variables[name] = {
          'Fn::Join': ['', [`${endpoint}/_aws/execute-api/`, join[at - 1], stage]],
        }
        return [`${name} of ${id} is an address by path: *.execute-api names lead to AWS itself`]
      })
    })

/** Settings of a test rig, as `npm start` takes them from its environment too. */
export const rigSettings =
  (settings: Readonly<Record<string, string>>): Adaptation =>
  ({ Resources }) => {
    const ours = Object.values(Resources).flatMap(({ Properties }) => {
      const { Variables = {} } = (Properties?.Environment ?? {}) as Environment
      return 'KEYHARBOR_TABLE' in Variables ? [Variables] : []
    })
    for (const variables of ours) Object.assign(variables, settings)
    if (ours.length === 0) return []
    return Object.entries(settings).map(
      ([name, value]) => `${name} is ${value}, as in the other e2e tests`,
    )
  }

/** Where the APIs of the outputs are: on its one listener, by path. */
export const urlsByPath = (
  endpoint: string,
  { SocketUrl, HttpUrl }: { readonly SocketUrl: string; readonly HttpUrl: string },
) => {
  const socket = new URL(SocketUrl)
  const path = (url: URL): string => `/_aws/execute-api/${url.hostname.split('.')[0]}`
  const https = `${endpoint}${path(new URL(HttpUrl))}`
  const wss = `${endpoint.replace(/^http/, 'ws')}${path(socket)}${socket.pathname}`
  return { https, wss }
}

// ---------------------------------------------------------------------------------------------

type Environment = { Variables?: Record<string, unknown> }
type Join = { readonly 'Fn::Join'?: readonly [string, readonly unknown[]] }

const forget = (resource: Resource, id: string): void => {
  const { DependsOn } = resource
  if (DependsOn === undefined) return
  Object.assign(resource, { DependsOn: [DependsOn].flat().filter((one) => one !== id) })
}
