/** What `npm start` can be told, from the environment, parsed once. */
import { resolve } from 'node:path'
import { z } from 'zod'
import { Trouble } from './trouble.ts'

const port = (byDefault: number) =>
  z.coerce
    .number('must be a port number')
    .int('must be a port number')
    .min(0, 'must be 0 … 65535; 0 takes any free port')
    .max(65_535, 'must be 0 … 65535; 0 takes any free port')
    .default(byDefault)

const Variables = z.object({
  /** Port of https and wss. 0: any that is free. */
  PORT: port(8443),
  /** Port of plain http and ws. 0: any that is free. */
  HTTP_PORT: port(8080),
  /** Address that both listen on. */
  HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:-]+$/, 'must be an address or a name of this machine')
    .default('127.0.0.1'),
  /** Folder of the data, made if it doesn't exist. */
  KEYHARBOR_DATA: z.string().default('.keyharbor'),
  /** How often the sweep runs. AWS's scheduler can't more often than each minute; here it can. */
  KEYHARBOR_SWEEP_SECONDS: z.coerce
    .number('must be a number of seconds')
    .int('must be a whole number of seconds')
    .min(1, 'must be 1 … 86400')
    .max(86_400, 'must be 1 … 86400')
    .default(1),
})

/** @throws Trouble naming each variable that is wrong. */
export const parseOptions = (variables: Readonly<Record<string, string | undefined>>) => {
  const given = Object.entries(variables).filter(([, value]) => value !== undefined && value !== '')
  const parsed = Variables.safeParse(Object.fromEntries(given))
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path: [name = ''], message }) => {
      return `${String(name)} ${message}; it is "${variables[String(name)]}"`
    })
    throw new Trouble(wrong.join('. '))
  }
  const { PORT, HTTP_PORT, HOST, KEYHARBOR_DATA, KEYHARBOR_SWEEP_SECONDS } = parsed.data
  if (PORT === HTTP_PORT && PORT !== 0)
    throw new Trouble(`PORT and HTTP_PORT are both ${PORT}: give one of them another number`)
  return {
    host: HOST,
    port: PORT,
    httpPort: HTTP_PORT,
    data: resolve(KEYHARBOR_DATA),
    sweepSeconds: KEYHARBOR_SWEEP_SECONDS,
    /** Keeps the table in memory only. For tests. */
    memory: false,
  }
}

export type Options = ReturnType<typeof parseOptions>
