/**
 * What a deployment decides for itself: CDK context by the names below, each after `keyharbor:`, as
 * in `-c keyharbor:defaultTenant=acme`. Checked here, so that a slip fails the synth and no call.
 */
import type { App } from 'aws-cdk-lib'
import { z } from 'zod'

const Settings = z
  .strictObject({
    /** Where operators' tokens are checked. Default: none, and no operator API. */
    operatorJwksUrl: z.url({ protocol: /^https$/ }).optional(),
    /** `iss` of operators' tokens. Default: none; needed with a JWKS URL. */
    operatorIssuer: z.string().min(1).optional(),
    /** `aud` of operators' tokens. */
    operatorAudience: z.string().min(1).default('keyharbor'),
    /** Slug of the tenant that a password login means when neither name nor host says which. */
    defaultTenant: z.string().min(1).optional(),
    /** Comma-separated base64 digests of the certificates that clients see (`shared/env.ts`).
     * Default: none, and SCRAM logins with channel binding are refused. */
    channelBindings: z
      .string()
      .regex(/^[A-Za-z0-9+/]+={0,2}(,[A-Za-z0-9+/]+={0,2})*$/, 'must be base64, comma-separated')
      .optional(),
    /** Unauthenticated calls a minute, per method and address. Default: that of `shared/env.ts`. */
    unauthenticatedPerMinute: z.coerce.number().int().min(1).max(1_000_000).optional(),
  })
  .refine((of) => (of.operatorJwksUrl === undefined) === (of.operatorIssuer === undefined), {
    path: ['operatorIssuer'],
    message: 'and operatorJwksUrl come together: one without the other lets no operator in',
  })

const PREFIX = 'keyharbor:'

/** @returns environments by concern. @throws Error with one line for each setting that is wrong. */
export const readSettings = (app: App) => {
  const context: Record<string, unknown> = app.node.getAllContext()
  const given = Object.entries(context).filter(([name]) => name.startsWith(PREFIX))
  const parsed = Settings.safeParse(
    Object.fromEntries(given.map(([name, value]) => [name.slice(PREFIX.length), value])),
  )
  if (!parsed.success)
    throw new Error(
      parsed.error.issues.map((at) => `${PREFIX}${at.path.join('.')} ${at.message}`).join('\n'),
    )
  const set = parsed.data
  return {
    login: onlySet({
      KEYHARBOR_DEFAULT_TENANT: set.defaultTenant,
      KEYHARBOR_CHANNEL_BINDINGS: set.channelBindings,
      KEYHARBOR_UNAUTHENTICATED_PER_MINUTE: set.unauthenticatedPerMinute?.toString(),
    }),
    operator: onlySet({
      KEYHARBOR_OPERATOR_JWKS_URL: set.operatorJwksUrl,
      KEYHARBOR_OPERATOR_ISSUER: set.operatorIssuer,
      KEYHARBOR_OPERATOR_AUDIENCE: set.operatorAudience,
    }),
  }
}

// ---------------------------------------------------------------------------------------------

const onlySet = (variables: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  )
