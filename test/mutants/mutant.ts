/** A fault of one line, and the tests that must find it: `npm run mutants` makes each of them and looks. */
export type Mutant = {
  /** What the fault does, as a sentence about the service that has it. */
  readonly fault: string
  readonly file: string
  /** Text that stands in the file once, and what the fault makes of it. */
  readonly old: string
  readonly new: string
  /** The test file that must fail. */
  readonly killedBy: string
  /** Of the weather's: the scenario of which a seed finds it. */
  readonly weather?: string
}

export const fault = (
  what: string,
  file: string,
  old: string,
  put: string,
  killedBy: string,
): Mutant => ({
  fault: what,
  file,
  old,
  new: put,
  killedBy,
})
