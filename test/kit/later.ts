/** A promise that a test fulfils when it is time. */
export const later = <T = void>() => {
  let come!: (value: T) => void
  const coming = new Promise<T>((resolve) => {
    come = resolve
  })
  return { coming, come }
}

/** Turns of the event loop: what waits for neither input nor output has gone on as far as it can. */
export const turns = async (many = 100): Promise<void> => {
  for (let n = 0; n < many; n++) await new Promise((done) => setImmediate(done))
}
