/** Random numbers that follow from a seed: the same seed, the same numbers, on every machine. */

/** sfc32, seeded by a text: small, quick, and good enough to choose by. Nothing secret comes of it. */
export const createRandom = (seed: string) => {
  let [a, b, c, d] = hashOf(seed)
  const bits = (): number => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + t) | 0
    return t >>> 0
  }
  for (let i = 0; i < 12; i++) bits()

  const random = {
    /** From 0 up, below 1. */
    next: (): number => bits() / 2 ** 32,
    /** A whole number from 0 up, below `most`. */
    below: (most: number): number => Math.floor(random.next() * most),
    between: (from: number, to: number): number => from + random.next() * (to - from),
    chance: (share: number): boolean => random.next() < share,
    pick: <T>(list: readonly T[]): T => list[random.below(list.length)] as T,
    fill: <T extends Uint8Array>(bytes: T): T => {
      for (let i = 0; i < bytes.length; i++) bytes[i] = bits() >>> 24
      return bytes
    },
    bytes: (length: number): Buffer => random.fill(Buffer.alloc(length)),
    shuffled: <T>(list: readonly T[]): T[] => {
      const left = [...list]
      return list.map(() => left.splice(random.below(left.length), 1)[0] as T)
    },
  }
  return random
}

export type Random = ReturnType<typeof createRandom>

// ---------------------------------------------------------------------------------------------

/** Four numbers out of a text (cyrb128). */
const hashOf = (text: string): [number, number, number, number] => {
  let h: [number, number, number, number] = [1779033703, 3144134277, 1013904242, 2773480762]
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i)
    const [h1, h2, h3, h4] = h
    h = [
      h2 ^ Math.imul(h1 ^ k, 597399067),
      h3 ^ Math.imul(h2 ^ k, 2869860233),
      h4 ^ Math.imul(h3 ^ k, 951274213),
      h1 ^ Math.imul(h4 ^ k, 2716044179),
    ]
  }
  return h
}
