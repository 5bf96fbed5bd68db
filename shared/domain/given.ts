/** What is asked of a change: what isn't named stays as it is. */

/** @param all each member by name, so that none is forgotten; undefined is what isn't asked for. */
export const given = <T extends object>(
  all: {
    readonly [F in keyof T]-?: T[F] | undefined
  },
): T => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as T
