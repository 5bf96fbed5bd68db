/** The API version in the query of a socket's handshake, which the edge writes or, without an edge, the client. */

type Query = {
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null
  readonly multiValueQueryStringParameters?: Readonly<
    Record<string, readonly string[] | undefined>
  > | null
}

/**
 * @returns the version's name, undefined where there is none, and null for a query that isn't understood: another
 * parameter, or this one twice. A client that writes `?Version=v25.10.0` must not get the current one.
 */
export const versionIn = ({
  queryStringParameters: single,
  multiValueQueryStringParameters: multiple,
}: Query): string | undefined | null => {
  const names = Object.keys({ ...single, ...multiple })
  if (names.some((name) => name !== 'version')) return null
  if ((multiple?.version?.length ?? 0) > 1) return null
  return single?.version ?? multiple?.version?.[0]
}
