/**
 * What a deployment decides for itself: CDK context by the names below, each after `keyharbor:`, as
 * in `-c keyharbor:defaultTenant=acme` or in `cdk.context.json`. Checked here, so that a slip fails the
 * synth and no call. docs/deploy.md lists them.
 */
import type { App } from 'aws-cdk-lib'
import { RetentionDays } from 'aws-cdk-lib/aws-logs'
import { z } from 'zod'

/** Of `-c name=value` everything is text; files have numbers and booleans too. */
const flag = z.preprocess(
  (given) => (given === 'true' ? true : given === 'false' ? false : given),
  z.boolean('takes true or false'),
)
const whole = (least: number, most: number) => {
  const message = `takes a whole number, ${least} … ${most}`
  return z.coerce.number(message).int(message).min(least, message).max(most, message)
}
const list = z
  .string()
  .transform((text) => text.split(',').map((entry) => entry.trim()))
  .pipe(z.array(z.string().min(1)))

const RETENTIONS = Object.values(RetentionDays).filter((days) => typeof days === 'number')
const HOST = /^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/

const Settings = z
  .strictObject({
    /** Begins the names of the stacks; another one makes another deployment in the same account. */
    name: z
      .string()
      .regex(/^[A-Z][A-Za-z0-9]{0,30}$/, 'takes letters and digits, and begins with a capital')
      .default('Keyharbor'),
    /** Whether table and wrapping key outlive the stacks. False is for rigs that are thrown away. */
    retain: flag.default(true),
    /** ARN of the stream of a table that was restored from a backup, to use it instead of the stack's own
     * (docs/operations.md). Default: none. */
    tableStreamArn: z
      .string()
      .regex(/^arn:aws[\w-]*:dynamodb:[\w-]+:\d{12}:table\/[\w.-]+\/stream\/[\w:.-]+$/, {
        message: 'takes the ARN of a table stream',
      })
      .optional(),

    /** Where operators' tokens are checked. Default: none, and no operator API. */
    operatorJwksUrl: z.url({ protocol: /^https$/, message: 'takes an https URL' }).optional(),
    /** `iss` of operators' tokens. Default: none; needed with a JWKS URL. */
    operatorIssuer: z.string().min(1).optional(),
    /** `aud` of operators' tokens. */
    operatorAudience: z.string().min(1).default('keyharbor'),
    /** How long those tokens may live at the most, in seconds. Entra's live for up to 90 minutes, Cognito's for one
     * hour and Auth0's for a day, unless they are told otherwise. */
    operatorTokenSeconds: whole(60, 30 * 86_400).default(7200),

    /** Slug of the tenant that a password login means when neither name nor host says which. */
    defaultTenant: z.string().min(1).optional(),
    /** Comma-separated base64 digests of the certificates that clients see (`shared/env.ts`).
     * Default: none, and SCRAM logins with channel binding are refused. */
    channelBindings: z
      .string()
      .regex(/^[A-Za-z0-9+/]+={0,2}(,[A-Za-z0-9+/]+={0,2})*$/, 'must be base64, comma-separated')
      .optional(),
    /** Calls before login that a function process takes from an address in a minute. */
    anonymousCallsPerMinute: whole(1, 1_000_000_000).default(12_000),
    /** Calls of one tenant's sessions in a minute, over all function processes. */
    tenantCallsPerMinute: whole(1, 1_000_000_000).default(60_000),
    /** Checks a minute: of one device, in each function process, and of one tenant, over all of them. */
    deviceChecksPerMinute: whole(1, 1_000_000_000).default(12_000),
    tenantChecksPerMinute: whole(1, 1_000_000_000).default(60_000),
    /** Milliseconds that a check may take, whatever DynamoDB and KMS do. */
    checkTimeoutMs: whole(100, 29_000).default(2000),

    /** How often each function may run at once, of what the account has: taken from the others, and theirs can't take it.
     * Default: none of its own. Accounts begin with 1000 in a Region, new ones with 10, and 100 of them stay free. */
    introspectConcurrency: whole(1, 1_000_000).optional(),
    socketConcurrency: whole(1, 1_000_000).optional(),
    httpConcurrency: whole(1, 1_000_000).optional(),
    closeConcurrency: whole(1, 1_000_000).optional(),
    tellConcurrency: whole(1, 1_000_000).optional(),
    sweepConcurrency: whole(1, 1_000_000).optional(),

    /** Whether CloudFront comes before the APIs. Default: if there are domain names. */
    edge: flag.optional(),
    /** Comma-separated names that the edge answers to; `*.keys.example` for tenants by host. */
    domainNames: list
      .pipe(z.array(z.string().regex(HOST, 'takes host names, comma-separated')))
      .default([]),
    /** ARN of the certificate for these names, in us-east-1 as CloudFront wants it. */
    certificateArn: z
      .string()
      .regex(/^arn:aws:acm:us-east-1:\d{12}:certificate\/[\w-]+$/, {
        message: 'takes the ARN of an ACM certificate in us-east-1',
      })
      .optional(),
    /** Id of the Route 53 zone in which the names are made. Default: none, DNS is done elsewhere. */
    hostedZoneId: z
      .string()
      .regex(/^Z[A-Z0-9]+$/, 'takes the id of a hosted zone')
      .optional(),
    /** Comma-separated VersionIds of the secret by which the functions know the edge, to change it in two
     * steps (docs/operations.md): functions take each, the edge sends the last. Default: the current one. */
    edgeSecretVersions: list
      .pipe(
        z
          .array(z.string().regex(/^[\w-]{32,64}$/, 'takes VersionIds, comma-separated'))
          .max(2, 'takes two at the most: the one before and the next'),
      )
      .default([]),
    /** Handshakes of sockets in five minutes from one address, until it is blocked. A site behind
     * one address needs as many as it has devices: they all come back after an outage. */
    handshakesPerAddress: whole(10, 2_000_000_000).default(2000),
    /** The same for all requests, checks included. */
    requestsPerAddress: whole(10, 2_000_000_000).default(60_000),

    /** Requests or frames a second that each API takes, and how many at once: what is over hears 429.
     * AWS's quota for the whole account and Region is 10,000 and 5,000 to begin with, in some Regions
     * 2,500 and 1,250: there these protect nothing until they are lower. */
    requestsPerSecond: whole(1, 1_000_000).default(5000),
    burst: whole(1, 1_000_000).default(2500),

    /** Days for which logs are kept. */
    logDays: z.coerce
      .number()
      .refine((days) => RETENTIONS.includes(days), {
        message: `takes one of ${RETENTIONS.join(', ')}`,
      })
      .default(30),
    /** Which API logs its requests. That of sockets needs API Gateway's account-wide log role. */
    accessLogs: z
      .enum(['none', 'http', 'all'], { message: 'takes none, http or all' })
      .default('http'),
    /** Whether functions send X-Ray traces: one a second and 5 % of the rest. */
    tracing: flag.default(true),
    /** Refused logins in five minutes, from all addresses, from which on there is an alarm. */
    loginFailuresPer5Minutes: whole(1, 1_000_000).default(100),
    /** Who hears of alarms. Default: nobody, they only show. */
    alarmEmail: z.email('takes an e-mail address').optional(),
    /** An SNS topic of your own for alarms, in the Region of the service, instead of an address. */
    alarmTopicArn: z
      .string()
      .regex(/^arn:aws[\w-]*:sns:[\w-]+:\d{12}:[\w-]+$/, 'takes the ARN of an SNS topic')
      .optional(),
  })
  .refine((of) => (of.operatorJwksUrl === undefined) === (of.operatorIssuer === undefined), {
    path: ['operatorIssuer'],
    message: 'and operatorJwksUrl come together: one without the other lets no operator in',
  })
  .refine((of) => of.domainNames.length === 0 || of.certificateArn !== undefined, {
    path: ['certificateArn'],
    message: 'is needed with domainNames: CloudFront answers to a name only with its certificate',
  })
  .refine((of) => of.domainNames.length > 0 || !(of.certificateArn || of.hostedZoneId), {
    path: ['domainNames'],
    message: 'is missing: certificateArn and hostedZoneId are for the names in it',
  })
  .refine((of) => of.edge !== false || of.domainNames.length === 0, {
    path: ['edge'],
    message: 'can not be false with domainNames: the edge is what answers to them',
  })
  .refine((of) => of.edgeSecretVersions.length === 0 || (of.edge ?? of.domainNames.length > 0), {
    path: ['edgeSecretVersions'],
    message: 'is for a deployment with the edge: give its settings too',
  })
  .refine((of) => of.alarmEmail === undefined || of.alarmTopicArn === undefined, {
    path: ['alarmEmail'],
    message: 'and alarmTopicArn exclude each other: subscribe the address to the topic',
  })
  .transform(({ edge, ...rest }) => ({ ...rest, edge: edge ?? rest.domainNames.length > 0 }))

export type Settings = z.infer<typeof Settings>

/** The host that people and devices are told: the first name that is one. Undefined without names. */
export const hostOf = ({ domainNames }: Settings): string | undefined =>
  domainNames.find((name) => !name.startsWith('*'))

/** The settings by name, each by itself: what they mean together is checked after. */
export const FIELDS = Settings.in.shape

const PREFIX = 'keyharbor:'

/** @throws Error with one line for each setting that is wrong. */
export const readSettings = (app: App): Settings => {
  const context: Record<string, unknown> = app.node.getAllContext()
  const given = Object.entries(context).filter(([name]) => name.startsWith(PREFIX))
  const parsed = Settings.safeParse(
    Object.fromEntries(given.map(([name, value]) => [name.slice(PREFIX.length), value])),
  )
  if (parsed.success) return parsed.data
  const lines = parsed.error.issues.flatMap((at) =>
    at.code === 'unrecognized_keys'
      ? at.keys.map((key) => `${PREFIX}${key} is no setting; docs/deploy.md lists them`)
      : [`${PREFIX}${String(at.path[0])} ${at.message}`],
  )
  throw new Error(lines.join('\n'))
}
