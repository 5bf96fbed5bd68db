/** A reason not to start that the person at the terminal can mend: one line that says how. Anything
 * else that is thrown is a mistake of ours and keeps its stack. */
export class UserError extends Error {
  override readonly name = 'UserError'
}

/** The `code` of a Node.js system error (ENOENT …); '' for anything else. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''

/** What an error says, for one line on a terminal. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error)
