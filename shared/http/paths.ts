/** Which paths are the check function's (`createCheckApp`); all others are the main one's. */
export const CHECK_PATHS = ['/oauth2/introspect', '/oauth2/token'] as const
