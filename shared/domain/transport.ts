/** On what a viewer came. */

/**
 * Encrypted unless the edge says that the viewer came in clear: AWS's own endpoints speak TLS only.
 * @param proto protocol as the edge says it; of a list, the last entry is its own.
 */
export const isSecure = (proto: string | undefined): boolean => {
  const last = proto?.split(',').at(-1)?.trim().toLowerCase()
  return last !== 'http' && last !== 'ws'
}
