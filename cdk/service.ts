/** The service: its functions, each with what it may do, and what calls them. */
import { CfnOutput, Duration, SecretValue, Stack, Validations } from 'aws-cdk-lib'
import type { ITable } from 'aws-cdk-lib/aws-dynamodb'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { CALL_MS } from '../shared/limits/calls.ts'
import { allow } from './access.ts'
import type { Data } from './data.ts'
import { createHttpApi, createSocketApi } from './gateway.ts'
import { createLambda, FUNCTIONS } from './lambda.ts'
import { hostOf, type Settings } from './settings.ts'
import { readStream } from './stream.ts'
import { scheduleSweep } from './sweep.ts'

export const createServiceStack = (scope: Construct, settings: Settings, data: Data) => {
  const stack = new Stack(scope, `${settings.name}Service`, {
    description: 'Keyharbor: functions and APIs',
  })
  const edgeSecret = settings.edge ? createEdgeSecret(stack, settings) : null
  const front = {
    KEYHARBOR_EDGE_SECRET: edgeSecret?.taken.join(','),
    KEYHARBOR_PROTO_HEADER: edgeSecret ? 'cloudfront-forwarded-proto' : undefined,
  }
  const signs = { ...front, KEYHARBOR_ISSUER: issuerOf(settings) }
  const calls = { memory: 1024, timeout: Duration.millis(CALL_MS) }
  const reads = { memory: 512, timeout: Duration.minutes(1) }

  const functions = {
    Socket: createLambda(stack, 'Socket', settings, {
      ...calls,
      environment: {
        ...front,
        KEYHARBOR_DEFAULT_TENANT: settings.defaultTenant,
        KEYHARBOR_CHANNEL_BINDINGS: settings.channelBindings,
        KEYHARBOR_ANONYMOUS_CALLS_PER_MINUTE: String(settings.anonymousCallsPerMinute),
        KEYHARBOR_TENANT_CALLS_PER_MINUTE: String(settings.tenantCallsPerMinute),
      },
    }),
    Introspect: createLambda(stack, 'Introspect', settings, {
      ...calls,
      environment: {
        ...signs,
        KEYHARBOR_DEVICE_CHECKS_PER_MINUTE: String(settings.deviceChecksPerMinute),
        KEYHARBOR_TENANT_CHECKS_PER_MINUTE: String(settings.tenantChecksPerMinute),
        KEYHARBOR_CHECK_TIMEOUT_MS: String(settings.checkTimeoutMs),
      },
    }),
    Http: createLambda(stack, 'Http', settings, {
      ...calls,
      environment: {
        ...signs,
        KEYHARBOR_OPERATOR_JWKS_URL: settings.operatorJwksUrl,
        KEYHARBOR_OPERATOR_ISSUER: settings.operatorIssuer,
        KEYHARBOR_OPERATOR_AUDIENCE: settings.operatorAudience,
        KEYHARBOR_OPERATOR_TOKEN_SECONDS: String(settings.operatorTokenSeconds),
      },
    }),
    Close: createLambda(stack, 'Close', settings, reads),
    Tell: createLambda(stack, 'Tell', settings, reads),
    Sweep: createLambda(stack, 'Sweep', settings, { memory: 512, timeout: Duration.minutes(5) }),
  }
  const socketApi = createSocketApi(stack, settings, functions.Socket)
  const httpApi = createHttpApi(stack, settings, {
    introspect: functions.Introspect,
    main: functions.Http,
  })
  const table = data.table as ITable
  const deadLetters = {
    Close: readStream(stack, table, functions.Close, 'close'),
    Tell: readStream(stack, table, functions.Tell, 'tell'),
    Sweep: scheduleSweep(stack, functions.Sweep),
  }
  for (const name of FUNCTIONS) allow(functions[name], name, { data, socketApi })

  new CfnOutput(stack, 'SocketUrl', {
    description: 'Sockets without the edge; the API version goes in ?version=',
    value: socketApi.stage.url,
  })
  new CfnOutput(stack, 'HttpUrl', { description: 'HTTP without the edge', value: httpApi.url })
  return { stack, functions, socketApi, httpApi, deadLetters, edgeSecret }
}

export type Service = ReturnType<typeof createServiceStack>

// ---------------------------------------------------------------------------------------------

/** Without names it is the host that a viewer asks for, CloudFront's or API Gateway's own: the functions
 * can't be told it, for it comes after them. */
const issuerOf = (settings: Settings): string | undefined => {
  const host = hostOf(settings)
  return host && `https://${host}`
}

/** By this header value the functions know the edge. It is no key to anything: who has it can go round
 * the firewall and claim any address. */
const createEdgeSecret = (stack: Stack, { edgeSecretVersions }: Settings) => {
  const secret = new Secret(stack, 'EdgeSecret', {
    description: 'What the edge of Keyharbor proves itself with to the functions',
    generateSecretString: { excludePunctuation: true, passwordLength: 48 },
  })
  Validations.of(secret).acknowledge({
    id: 'AwsSolutions-SMG4',
    reason:
      'Edge and functions must change together: docs/operations.md says how. It opens nothing by itself.',
  })
  const versions = edgeSecretVersions.map((versionId) => ({ versionId }))
  const taken = (versions.length > 0 ? versions : [{}]).map((version) =>
    SecretValue.secretsManager(secret.secretArn, version).unsafeUnwrap(),
  )
  return { taken, sent: taken.at(-1) ?? '' }
}
