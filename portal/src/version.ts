/** The version of the API that the portal speaks, whatever is newest at the service. */
export const VERSION = 'v26.0.0'
