/**
 * The environment of a function, parsed once at start. `cdk/` and `local/` set the same names.
 * Endpoints (AWS_ENDPOINT_URL and its per-service forms), region and credentials are read by the
 * AWS SDK itself.
 */
import * as z from 'zod'

const flag = z
  .enum(['', '0', '1'], { message: 'takes 1 for on, and 0 or nothing for off' })
  .default('')
  .transform((value) => value === '1')

const Env = z
  .object({
    /** Name of the table. */
    KEYHARBOR_TABLE: z.string().min(1).default('keyharbor'),
    /** Id, ARN or alias of the KMS key that wraps the tenants' data keys. */
    KEYHARBOR_KMS_KEY: z.string().min(1).default('alias/keyharbor'),
    /** Endpoint of the `@connections` API: `https://<api>.execute-api.<region>.amazonaws.com/<stage>`. */
    KEYHARBOR_CONNECTIONS_URL: z.url().optional(),
    /** Slug of the tenant that a password login means when neither name nor host says which. */
    KEYHARBOR_DEFAULT_TENANT: z.string().optional(),
    /** Comma-separated base64 digests: the `tls-server-end-point` values (RFC 5929 §4) of the
     * certificates that clients may see. Empty: a SCRAM login with channel binding is refused. */
    KEYHARBOR_CHANNEL_BINDINGS: z
      .string()
      .default('')
      .transform((list) => list.split(',').filter((digest) => digest !== '')),
    /** Where operators' tokens are checked: JWKS URL, `iss` and `aud`. No URL: no operator API. */
    KEYHARBOR_OPERATOR_JWKS_URL: z.url().optional(),
    KEYHARBOR_OPERATOR_ISSUER: z.string().default(''),
    KEYHARBOR_OPERATOR_AUDIENCE: z.string().default('keyharbor'),
    /** Unauthenticated calls a minute, per method and address (PROTOCOL 1.5). */
    KEYHARBOR_UNAUTHENTICATED_PER_MINUTE: z.coerce
      .number('takes a whole number from 1 up')
      .int('takes a whole number from 1 up')
      .min(1, 'takes a whole number from 1 up')
      .default(20),
    /** How long AWS may take for one request, in milliseconds. A call has 29 s at the gateway; only
     * slow emulators need more than this. */
    KEYHARBOR_AWS_TIMEOUT_MS: z.coerce
      .number('takes a whole number from 100 up')
      .int('takes a whole number from 100 up')
      .min(100, 'takes a whole number from 100 up')
      .default(3000),
    /** Header in which the edge in front says on which protocol the viewer came. Must be one that
     * the edge overwrites: what it says decides whether a key is revoked. */
    KEYHARBOR_PROTO_HEADER: z.string().toLowerCase().default('x-forwarded-proto'),
    /** "1" on one machine, where the operator's issuer and the certificate are our own. */
    KEYHARBOR_LOCAL: flag,
    /** "1" leaves keys alone that are used over plain http or ws. For test rigs. */
    KEYHARBOR_ALLOW_INSECURE: flag,
  })
  .refine((env) => env.KEYHARBOR_LOCAL || !env.KEYHARBOR_ALLOW_INSECURE, {
    path: ['KEYHARBOR_ALLOW_INSECURE'],
    message:
      'is for test rigs and works in local mode only; unset it, and let clients connect by https and wss',
  })

export type Env = z.infer<typeof Env>

/** @throws Error with one line for each variable that is wrong. */
export const parseEnv = (variables: Readonly<Record<string, string | undefined>>): Env => {
  const parsed = Env.safeParse(variables)
  if (parsed.success) return parsed.data
  throw new Error(parsed.error.issues.map((at) => `${at.path.join('.')} ${at.message}`).join('\n'))
}
