/** Building blocks of parameters and results: zod schemas that read what `ejson.ts` decodes. */
import * as z from 'zod'
import { EARLIEST, LATEST } from './dates.ts'
import { DEVICES, USERNAME } from './names.ts'
import { ROLE_NAME } from './roles.ts'
import { Secret } from './secret.ts'
import type { Extension, Release, Version } from './versions.ts'

/** Text of at most 1024 characters, as every TrueNAS string that isn't marked long (docs/protocol/wire.md §1.7). */
export const Text = z.string().max(1024)

/** Text that is wrapped as soon as it is read: it can't reach a log or an error. */
export const SecretText = z
  .string()
  .max(1024)
  .transform((text) => new Secret(text))

/** A moment: `{"$date": ms}` on the wire, nothing else (docs/protocol/wire.md §1.6); its bounds are `ejson.ts`'s. */
export const Moment = z.date()

export const Whole = z.int()

export const KeyName = Text.min(1).max(200)

export const Username = z
  .string()
  .min(1)
  .max(32)
  .refine((name) => USERNAME.test(name), {
    message:
      'Value error, Valid characters are letters, digits, "_", "-" and "."; a name may not begin with "-" or "."',
  })

/** The name of a user who is to be made. */
export const NewUsername = Username.refine((name) => name !== DEVICES, {
  message: 'A user with this username already exists',
})

export const RoleName = z.string().refine((name) => ROLE_NAME.test(name), {
  message: 'Value error, A role is named in capitals, digits and "_", such as API_KEY_READ',
})

export const Password = z
  .string()
  .min(8)
  .max(1024)
  .transform((text) => new Secret(text))

/** For `.meta()`: from which version of the API on something is there, and until which. */
export const since = (version: Version) => ({ 'x-since': version })
export const until = (version: Version) => ({ 'x-until': version })
/** For `.meta()`: that TrueNAS doesn't have it. */
export const extension = (since: Release): { 'x-extension': Extension } => ({
  'x-extension': { since },
})

/** Of a call that is to be carried out once, however often it is sent (`shared/store/once.ts`). */
export const IdempotencyKey = Text.min(1)
  .max(64)
  .nullable()
  .default(null)
  .meta({
    description:
      'a name for this call, of the caller’s making, such as a random one: for 24 hours a repeat with it changes nothing',
    ...extension('0.1.0'),
  })

/** The JSON Schema of a zod schema as it stands on the wire; datetimes in their extended form. */
export const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const { def } = zodSchema._zod
      if (def.type === 'date') Object.assign(jsonSchema, tagged('$date', MILLISECONDS))
      if (def.type === 'set') Object.assign(jsonSchema, tagged('$set', setOf(def, io)))
    },
  })
  return json
}

// ---------------------------------------------------------------------------------------------

const MILLISECONDS = { type: 'integer', minimum: EARLIEST, maximum: LATEST }

const setOf = (def: z.core.$ZodSetDef, io: 'input' | 'output') => ({
  type: 'array',
  items: jsonSchema(def.valueType as z.ZodType, io),
})

/** An extended-JSON object. Its member isn't listed under `properties`: an object with that one
 * member would itself be read as the extended value, by every client that is shown the schema. */
const tagged = (member: string, value: Record<string, unknown>) => ({
  type: 'object',
  format: `ejson ${member}`,
  required: [member],
  maxProperties: 1,
  additionalProperties: value,
})
