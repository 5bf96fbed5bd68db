/** The environment that the functions find, as their Lambda configuration would set it. */
import { randomBytes } from 'node:crypto'
import { type Env, parseEnv } from '../shared/env.ts'
import { messageOf, Trouble } from './trouble.ts'

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

/** Region and credentials: the person's own if there are any, or made up. */
export const identity = (given: Variables) => {
  const AWS_REGION = given.AWS_REGION || given.AWS_DEFAULT_REGION || 'us-east-1'
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = given
  if (AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY)
    return { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY }
  return {
    AWS_REGION,
    // Not guessable: it is what our own endpoints ask for.
    AWS_ACCESS_KEY_ID: `AKIA${randomBytes(8).toString('hex').toUpperCase()}`,
    AWS_SECRET_ACCESS_KEY: randomBytes(20).toString('hex'),
    AWS_SESSION_TOKEN: undefined,
    // The SDK would look for a profile in files first.
    AWS_PROFILE: undefined,
  }
}

/** What the functions will parse; asked first, so that a wrong variable is said in one line. */
export const parsedEnvironment = (): Env => {
  try {
    return parseEnv(process.env)
  } catch (error) {
    const lines = error instanceof Error ? error.message.split('\n') : [String(error)]
    throw new Trouble(lines.join('. '))
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
    if (endpoint === undefined || error instanceof Trouble) throw error
    const variables = `AWS_ENDPOINT_URL_${what.toUpperCase()} or AWS_ENDPOINT_URL`
    throw new Trouble(
      `${what} at ${endpoint} can't be used (${messageOf(error)}): start it, or correct or unset ${variables}`,
    )
  }
}
