/** A promise that a test fulfils when it is time. */
export const later = <T = void>() => {
  let come!: (value: T) => void
  const coming = new Promise<T>((resolve) => {
    come = resolve
  })
  return { coming, come }
}
