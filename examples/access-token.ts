/**
 * An access token in place of the service's own key, for the `credential` of the middleware beside this:
 * Keyharbor checks a token without reading anything, which makes each introspection cheaper, and the key
 * itself goes over the wire once in five minutes. Revoking that key ends its tokens within as long. A token
 * that was refused before its time, as when Keyharbor's signing keys were replaced, is given up at once.
 */

export type Options = {
  /** Address of Keyharbor, https. */
  readonly url: string
  /** A key of a user with role KEY_VALIDATE. */
  readonly key: string
  readonly timeoutMs?: number
}

/** @returns what gives a token that is good for a while: the one it has, or a new one shortly before
 * that ends, or instead of the one that the caller says was refused. Rejects when there is none to be had, and
 * the one it has has ended. */
export const accessTokens = (options: Options): ((refused?: string) => Promise<string>) => {
  let current: Held | null = null
  return (refused) => {
    // Of many whose token was refused, the first drops it; what the others find is a newer one.
    if (refused !== undefined && current?.text === refused) current = null
    if (current === null || Date.now() >= current.until) current = renew(current)
    return current.token
  }

  /** Callers at the same time share one request; a failed one is forgotten, and tried again. */
  function renew(before: Held | null): Held {
    const fresh: Held = { token: Promise.resolve(''), until: Infinity, ends: Infinity }
    fresh.token = request(options).then(
      ({ access_token, expires_in }) => {
        fresh.text = access_token
        fresh.ends = Date.now() + expires_in * 1000
        fresh.until = fresh.ends - MARGIN_S * 1000
        return access_token
      },
      (error) => {
        // A moment's trouble there is none for visitors, as long as the token before is good.
        const left = before !== null && Date.now() < before.ends ? before : null
        if (current === fresh) current = left
        if (left !== null) return left.token
        throw error
      },
    )
    return fresh
  }
}

// ---------------------------------------------------------------------------------------------

/** A token that is asked for now may be looked at a moment later, by a clock that is ahead. */
const MARGIN_S = 30

type Held = {
  token: Promise<string>
  text?: string
  /** When another is asked for, and when it ends. */
  until: number
  ends: number
}

type Granted = { readonly access_token: string; readonly expires_in: number }

const request = async ({ url, key, timeoutMs = 2000 }: Options): Promise<Granted> => {
  const [id, secret] = key.split('-')
  const reply = await fetch(new URL('/oauth2/token', url), {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  })
  if (!reply.ok) throw new Error(`Keyharbor answered ${reply.status}`)
  return (await reply.json()) as Granted
}
