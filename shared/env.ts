/**
 * The environment of a function, parsed once at start. `cdk/` and `local/` set the same names.
 * Endpoints (AWS_ENDPOINT_URL and its per-service forms), region and credentials are read by the
 * AWS SDK itself.
 */
import * as z from 'zod/mini'

// Mini: all functions read their environment, and most have no other use for zod.

const text = (byDefault: string) =>
  z._default(z.string().check(z.minLength(1, 'must not be empty')), byDefault)
const anyText = (byDefault: string) => z._default(z.string(), byDefault)
const url = z.optional(z.url('takes a URL'))
const flag = z.pipe(
  z._default(z.enum(['', '0', '1'], 'takes 1 for on, and 0 or nothing for off'), ''),
  z.transform((value) => value === '1'),
)
const wholeNumber = (from: number, byDefault: number) => {
  const message = `takes a whole number from ${from} up`
  return z._default(
    z.coerce.number(message).check(z.int(message), z.minimum(from, message)),
    byDefault,
  )
}

const Env = z
  .object({
    /** Which deployment this is, in metrics. */
    KEYHARBOR_DEPLOYMENT: text('Keyharbor'),
    /** Name of the table. */
    KEYHARBOR_TABLE: text('keyharbor'),
    /** Id, ARN or alias of the KMS key that wraps the tenants' data keys. */
    KEYHARBOR_KMS_KEY: text('alias/keyharbor'),
    /** Endpoint of the `@connections` API: `https://<api>.execute-api.<region>.amazonaws.com/<stage>`. */
    KEYHARBOR_CONNECTIONS_URL: url,
    /** Slug of the tenant that a password login means when neither name nor host says which. */
    KEYHARBOR_DEFAULT_TENANT: z.optional(z.string()),
    /** Comma-separated base64 digests: the `tls-server-end-point` values (RFC 5929 §4) of the
     * certificates that clients may see. Empty: a SCRAM login with channel binding is refused. */
    KEYHARBOR_CHANNEL_BINDINGS: z.pipe(
      anyText(''),
      z.transform((list) => list.split(',').filter((digest) => digest !== '')),
    ),
    /** Where operators' tokens are checked: JWKS URL, `iss` and `aud`. No URL: no operator API. */
    KEYHARBOR_OPERATOR_JWKS_URL: url,
    KEYHARBOR_OPERATOR_ISSUER: anyText(''),
    KEYHARBOR_OPERATOR_AUDIENCE: anyText('keyharbor'),
    /** How long such a token may live at the most, from `iat` to `exp`. */
    KEYHARBOR_OPERATOR_TOKEN_SECONDS: wholeNumber(60, 7200),
    /** Who the service says it is in what it signs: an https address, with a path where the service is reached
     * below one (RFC 8414 §2). None: the host that the viewer asked for. */
    KEYHARBOR_ISSUER: z.optional(
      z
        .string()
        .check(
          z.regex(
            /^https:\/\/[a-z0-9.-]+(:[0-9]+)?(\/[\w.~-]+)*$/,
            'takes https://, a host and perhaps a path, without a slash at the end',
          ),
        ),
    ),
    /** Calls before login that a process takes from an address (IPv6: a /64) in a minute, all at once if they come
     * so. It bounds what strangers cost, not what they guess: a site's devices come back through one address. */
    KEYHARBOR_ANONYMOUS_CALLS_PER_MINUTE: wholeNumber(1, 12_000),
    /** Calls of a tenant's sessions in a minute, by all processes. */
    KEYHARBOR_TENANT_CALLS_PER_MINUTE: wholeNumber(1, 60_000),
    /** Checks a minute: of one device, by each process, and of one tenant, by all of them. */
    KEYHARBOR_DEVICE_CHECKS_PER_MINUTE: wholeNumber(1, 12_000),
    KEYHARBOR_TENANT_CHECKS_PER_MINUTE: wholeNumber(1, 60_000),
    /** How long AWS may take for one request, in milliseconds. A call has 29 s at the gateway; only
     * slow emulators need more than this. */
    KEYHARBOR_AWS_TIMEOUT_MS: wholeNumber(100, 3000),
    /** How long a check may take, whatever AWS does, in milliseconds: after that its caller is told to come back. */
    KEYHARBOR_CHECK_TIMEOUT_MS: wholeNumber(100, 2000),
    /** Header in which the edge in front says on which protocol the viewer came. Must be one that
     * the edge overwrites: what it says decides whether a key is revoked. */
    KEYHARBOR_PROTO_HEADER: z._default(z.string().check(z.toLowerCase()), 'x-forwarded-proto'),
    /** What the edge in front proves itself with, in a header that it alone sets. Set: requests that
     * went round it are refused, and who the viewer is comes from the edge. While it is changed there are
     * two, comma-separated, and either is good. */
    KEYHARBOR_EDGE_SECRET: z.optional(
      z.pipe(
        z.pipe(
          z.string(),
          z.transform((list) => list.split(',')),
        ),
        z.array(z.string().check(z.minLength(32, 'takes 32 characters or more'))),
      ),
    ),
    /** "1" on one machine, where the operator's issuer and the certificate are our own. */
    KEYHARBOR_LOCAL: flag,
    /** "1" leaves keys alone that are used over plain http or ws. For test rigs. */
    KEYHARBOR_ALLOW_INSECURE: flag,
  })
  .check(
    z.refine((env) => env.KEYHARBOR_LOCAL || !env.KEYHARBOR_ALLOW_INSECURE, {
      path: ['KEYHARBOR_ALLOW_INSECURE'],
      message:
        'is for test rigs and works in local mode only; unset it, and let clients connect by https and wss',
    }),
  )

export type Env = z.infer<typeof Env>

/** @throws Error with one line for each variable that is wrong. */
export const parseEnv = (variables: Readonly<Record<string, string | undefined>>): Env => {
  const parsed = Env.safeParse(variables)
  if (parsed.success) return parsed.data
  throw new Error(parsed.error.issues.map((at) => `${at.path.join('.')} ${at.message}`).join('\n'))
}
