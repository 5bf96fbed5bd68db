/** What a query answers, as a schema: for the documentation and the client. No result is checked by it. */
import * as z from 'zod'

/** The rows, or parts of them with `select`; with `get` one, with `count` a number. */
export const resultOf = <S extends z.ZodRawShape>(row: z.ZodObject<S>) => {
  const part = partOf(row)
  return z.union([z.array(row), z.array(part), row, part, z.int()])
}

/** What `get_instance` answers: the row, or with `select` a part of it. `count` is taken there too. */
export const instanceOf = <S extends z.ZodRawShape>(row: z.ZodObject<S>) =>
  z.union([row, partOf(row), z.int()])

// ---------------------------------------------------------------------------------------------

/** Open to other members, as `select` may rename what it takes. */
const partOf = <S extends z.ZodRawShape>(row: z.ZodObject<S>) => z.looseObject(row.partial().shape)
