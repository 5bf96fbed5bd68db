/** Headers of answers, and how each of them looks. */
export const HEADERS = {
  RateLimit: {
    description:
      'What is left: checks (`r`), and in how many seconds there are all of them again (`t`). By draft-ietf-httpapi-ratelimit-headers.',
    pattern: '^"(device|tenant)";r=[0-9]+;t=[0-9]+$',
    example: '"device";r=99;t=1',
  },
  'RateLimit-Policy': {
    description: 'The limit that counts: so many checks (`q`) in so many seconds (`w`).',
    pattern: '^"(device|tenant)";q=[0-9]+;w=[0-9]+$',
    example: '"device";q=2000;w=10',
  },
  'Retry-After': {
    description: 'Seconds to wait before asking again.',
    pattern: '^[0-9]+$',
    example: '2',
  },
  'WWW-Authenticate': {
    description:
      'How to prove oneself: by the scheme that was tried, or by any of those named. Of a Bearer token, what it lacks (RFC 6750 §3).',
    pattern: '^(Bearer|Basic) realm="keyharbor"',
    example: 'Bearer realm="keyharbor", error="invalid_token"',
  },
  'Keyharbor-Client': {
    description: 'The id of the visitor’s key.',
    pattern: '^[0-9]+$',
    example: '7',
  },
  'Keyharbor-Subject': {
    description: 'The number of the visitor.',
    pattern: '^[0-9]+$',
    example: '3',
  },
  'Keyharbor-Username': {
    description: 'The name of the visitor, if they have one.',
    pattern: '^[A-Za-z0-9_.-]+$',
    example: 'backup',
  },
  'Keyharbor-Scope': {
    description: 'The visitor’s roles, separated by spaces.',
    pattern: '^[A-Z0-9_ ]*$',
    example: 'SHARING_ADMIN',
  },
  'Keyharbor-Error': {
    description: 'The gateway itself is refused: nothing is said of the visitor.',
    pattern: '^gateway_unauthorized$',
    example: 'gateway_unauthorized',
  },
} as const

export type HeaderName = keyof typeof HEADERS

/** What answers say that were counted. */
export const LIMITS = ['RateLimit', 'RateLimit-Policy'] as const satisfies readonly HeaderName[]
