/** Paths that the function for checks serves; all others are the main one's. */
export const CHECK_PATHS = [
  '/oauth2/introspect',
  '/oauth2/token',
  '/oauth2/revoke',
  // Here, since only a function that opens signing keys knows which are the service's.
  '/oauth2/jwks',
  '/v1/introspect',
  '/v1/forward-auth',
] as const
