/**
 * The table as a definition: what `local/` creates and `cdk/` declares come from here, so that the
 * two can't drift apart. Items and their attributes are in the other files of this folder.
 */
export const TABLE = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** Seconds since the epoch. Garbage collection only: an item past it is treated as gone at once. */
  ttl: 'ttl',
  /** Sparse: present only on checked-key items that the sweep has to visit (docs/design.md §3). */
  expiryIndex: {
    name: 'expiry',
    /** String, "0" … "15". */
    partitionKey: 'shard',
    /** Number, milliseconds since the epoch. */
    sortKey: 'expiresAt',
    projection: 'KEYS_ONLY',
  },
  stream: 'NEW_AND_OLD_IMAGES',
} as const

/** How many partitions the expiry index is spread over: people choose midnight. */
export const EXPIRY_SHARDS = 16
