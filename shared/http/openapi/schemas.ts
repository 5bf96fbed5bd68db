/** Schemas as the document has them: their names, and words for those that carry none. */
import * as z from 'zod'

/** Of zod, or of its small sister that the check function has. */
export type Schema = z.core.$ZodType

/** The schemas that have a name of their own in the document. */
export const NAMED = z.registry<{ readonly id: string }>()

/** Gives schemas their names: what isn't named stands where it is used. */
export const name = (schemas: Readonly<Record<string, Schema>>): void => {
  for (const [id, schema] of Object.entries(schemas)) NAMED.add(schema, { id })
}

/** Says what members mean, of schemas that carry no words because they are part of the check function. */
export const tell = <T extends z.core.$ZodObject>(
  schema: T,
  about: string,
  members: Readonly<Record<keyof T['_zod']['def']['shape'], string>>,
): void => {
  z.globalRegistry.add(schema, { description: about })
  const texts: Readonly<Record<string, string>> = members
  for (const [member, one] of Object.entries(schema._zod.def.shape))
    z.globalRegistry.add(one, { description: texts[member] })
}
