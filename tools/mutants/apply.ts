/** Making a fault in a text. */
import { UserError } from '../../local/user-error.ts'
import type { Mutant } from '../../test/mutants/mutant.ts'

/** How often the text that a mutant changes stands in its file. */
export const countOf = (text: string, { old }: Pick<Mutant, 'old'>): number =>
  text.split(old).length - 1

/** @throws UserError unless the old text is there exactly once. */
export const applyTo = (text: string, mutant: Mutant): string => {
  const count = countOf(text, mutant)
  if (count !== 1)
    throw new UserError(
      `${mutant.file} has ${count} times, not once: ${mutant.old}\nChange the mutant "${mutant.fault}" in test/mutants/ to what the file says now.`,
    )
  return text.replace(mutant.old, () => mutant.new)
}
