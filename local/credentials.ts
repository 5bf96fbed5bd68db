/**
 * Who may ask what stands in for AWS on this machine. All is made anew at each start, for other users of
 * the machine reach its ports too: without the secret nobody gets in.
 */
import { randomBytes } from 'node:crypto'
import { secretOf, type Trust } from './signature.mjs'

export type { Trust }

/** What a process signs with, by the SDK's variables. */
export type Credentials = {
  readonly AWS_ACCESS_KEY_ID: string
  readonly AWS_SECRET_ACCESS_KEY: string
  readonly AWS_SESSION_TOKEN?: string | undefined
}

/**
 * @param own what the person's endpoints elsewhere want to see. All clients sign with it then, and it may
 * be anybody's guess (`test`): then the addresses are as secret as it should be.
 */
export const createTrust = (own: Credentials | null = null): Trust => ({
  key: randomBytes(32).toString('hex'),
  own: own && { id: own.AWS_ACCESS_KEY_ID, secret: own.AWS_SECRET_ACCESS_KEY },
  path: own === null ? '' : `/${randomBytes(16).toString('hex')}`,
})

/** Credentials that are trusted, as a role's temporary ones look: others for each call.
 * @throws where only the person's own are. */
export const issueCredentials = (trust: Trust) => {
  const id = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`
  const secret = secretOf(trust, id)
  if (secret === null) throw new Error("only the person's own credentials are trusted")
  return {
    AWS_ACCESS_KEY_ID: id,
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_SESSION_TOKEN: randomBytes(32).toString('base64'),
  }
}
