/**
 * Tests that an emulator can't satisfy, each with what the emulator said. They are skipped by name
 * where that emulator is the target, and run everywhere else. A name that fits no test any more fails
 * the run; `--all` runs them too, to see what an emulator has learnt.
 */
export type Gap = {
  /** Full name of a test, or how the names of several begin when it ends in "…". */
  readonly test: string
  /** What the emulator does, in its own words where it has some. */
  readonly message: string
}

export const GAPS: Readonly<Record<string, readonly Gap[]>> = {
  moto: [
    {
      test: 'api_key.query > says so when the result is too large for a message',
      message:
        '"a request has exceeded the configured 60000 ms requestTimeout": it copies the whole table for each item of a transaction, and this test makes hundreds of keys',
    },
  ],
  localstack: [],
  ministack: [
    {
      test: 'the handshake > knows no version …',
      message: '"Unexpected server response: 403": a $connect that answers 404 is refused with 403',
    },
  ],
}

export const covers = (gap: Gap, name: string): boolean =>
  gap.test.endsWith('…') ? name.startsWith(gap.test.slice(0, -1)) : name === gap.test
