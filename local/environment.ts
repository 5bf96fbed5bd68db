/** The environment that the functions find, as their Lambda configuration would set it. */
import { type Env, parseEnv } from '../shared/env.ts'
import { createTrust, issueCredentials } from './credentials.ts'
import { messageOf, UserError } from './user-error.ts'

type Variables = Readonly<Record<string, string | undefined>>

/** Sets variables, or unsets those that are undefined. @returns what puts all back as it was. */
export const setEnvironment = (values: Variables): (() => void) => {
  const before = Object.keys(values).map((name) => [name, process.env[name]] as const)
  const set = ([name, value]: readonly [string, string | undefined]): void => {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
  for (const entry of Object.entries(values)) set(entry)
  return () => {
    for (const entry of before) set(entry)
  }
}

/** Endpoints outside of this process, by the variables that the AWS SDK reads too. */
export const foreignEndpoints = (given: Variables) => {
  const everything = given.AWS_ENDPOINT_URL || undefined
  return {
    dynamo: given.AWS_ENDPOINT_URL_DYNAMODB || everything,
    kms: given.AWS_ENDPOINT_URL_KMS || everything,
  }
}

/**
 * Region, and what the functions sign with. That is the person's own where an endpoint is, which knows nobody
 * whom we make up. What is embedded trusts only who was made up at this start, or is where nobody can guess.
 */
export const identity = (given: Variables) => {
  const AWS_REGION = given.AWS_REGION || given.AWS_DEFAULT_REGION || 'us-east-1'
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = given
  const { dynamo, kms } = foreignEndpoints(given)
  const own =
    (dynamo || kms) && AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY
      ? { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN }
      : null
  const trust = createTrust(own)
  return {
    region: AWS_REGION,
    trust,
    own,
    variables: {
      AWS_REGION,
      ...(own ?? {
        ...issueCredentials(trust),
        // The SDK would look for a profile in files first.
        AWS_PROFILE: undefined,
      }),
    },
  }
}

/** What the functions will parse; asked first, so that a wrong variable is said in one line. */
export const parsedEnvironment = (): Env => {
  try {
    return parseEnv(process.env)
  } catch (error) {
    const lines = error instanceof Error ? error.message.split('\n') : [String(error)]
    throw new UserError(lines.join('. '))
  }
}

/** Runs what needs an endpoint that somebody else runs; says which one when that fails. */
export const reach = async (
  what: string,
  endpoint: string | undefined,
  use: () => Promise<void>,
): Promise<void> => {
  try {
    if (endpoint !== undefined && !URL.canParse(endpoint)) throw new Error('it is no URL')
    await use()
  } catch (error) {
    if (endpoint === undefined || error instanceof UserError) throw error
    const variables = `AWS_ENDPOINT_URL_${what.toUpperCase()} or AWS_ENDPOINT_URL`
    throw new UserError(
      `${what} at ${endpoint} can't be used (${messageOf(error)}): start it, or correct or unset ${variables}`,
    )
  }
}
