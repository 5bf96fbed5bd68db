/**
 * An empty SQLite file (sqlite.org/fileformat2.html) in which dynoxide finds its stream's table
 * already made: with the index and the 24-hour trim that dynoxide 1.2.1 lacks. Without them each
 * write looks through all records ever streamed: 5 ms at 20 000 of them, and growing.
 */

/** As dynoxide makes it (`CREATE TABLE IF NOT EXISTS`). */
const RECORDS = `CREATE TABLE _stream_records (
  id INTEGER PRIMARY KEY,
  table_name TEXT NOT NULL,
  event_name TEXT NOT NULL,
  keys_json TEXT NOT NULL,
  new_image TEXT,
  old_image TEXT,
  sequence_number TEXT NOT NULL,
  shard_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  user_identity TEXT
)`

/** Serves its `MAX(CAST(…))` for the next number and its `ORDER BY CAST(…)` for reading. */
const ORDER = `CREATE INDEX _stream_order
  ON _stream_records (table_name, CAST(sequence_number AS INTEGER))`

/** DynamoDB's retention. Once in 500 records: looking through a day's records isn't free. */
const TRIM = `CREATE TRIGGER _stream_trim AFTER INSERT ON _stream_records WHEN NEW.id % 500 = 0
BEGIN DELETE FROM _stream_records WHERE created_at < NEW.created_at - 86400; END`

const PAGE_BYTES = 4096
const TABLE_LEAF = 0x0d
const INDEX_LEAF = 0x0a

export const emptyDynamoFile = (): Buffer => {
  const schema = [
    row(1, 'table', '_stream_records', 2, RECORDS),
    row(2, 'index', '_stream_order', 3, ORDER),
    row(3, 'trigger', '_stream_trim', 0, TRIM),
  ]
  const first = leaf(TABLE_LEAF, schema, 100)
  header(3).copy(first)
  return Buffer.concat([first, leaf(TABLE_LEAF, [], 0), leaf(INDEX_LEAF, [], 0)])
}

// ---------------------------------------------------------------------------------------------

/** The 100 bytes that begin the file. Zero is the right value of every field not set here. */
const header = (pages: number): Buffer => {
  const bytes = Buffer.alloc(100)
  bytes.write('SQLite format 3\0', 'latin1')
  bytes.writeUInt16BE(PAGE_BYTES, 16)
  // Version numbers of the rollback journal (dynoxide switches to a write-ahead log), then payload
  // fractions, which are fixed.
  bytes.set([1, 1, 0, 64, 32, 32], 18)
  bytes.writeUInt32BE(1, 24) // change counter, and below the counter at which `pages` was right
  bytes.writeUInt32BE(pages, 28)
  bytes.writeUInt32BE(1, 40) // schema cookie
  bytes.writeUInt32BE(4, 44) // schema format
  bytes.writeUInt32BE(1, 56) // UTF-8
  bytes.writeUInt32BE(1, 92)
  bytes.writeUInt32BE(3_040_000, 96) // version of the library that wrote it
  return bytes
}

/** A b-tree page of cells: pointers grow from the front, cells from the back. */
const leaf = (kind: number, cells: readonly Buffer[], start: number): Buffer => {
  const page = Buffer.alloc(PAGE_BYTES)
  let end = PAGE_BYTES
  for (const [at, cell] of cells.entries()) {
    end -= cell.length
    cell.copy(page, end)
    page.writeUInt16BE(end, start + 8 + 2 * at)
  }
  page.writeUInt8(kind, start)
  page.writeUInt16BE(cells.length, start + 3)
  page.writeUInt16BE(end, start + 5)
  return page
}

/** A row of `sqlite_schema`: type, name, table, root page, SQL. */
const row = (id: number, type: string, name: string, root: number, sql: string): Buffer => {
  const text = (value: string): Buffer => varint(13 + 2 * Buffer.byteLength(value))
  // Serial type 1 is an 8-bit integer; 13 + 2n is a text of n bytes.
  const types = Buffer.concat([
    ...[type, name, '_stream_records'].map(text),
    Buffer.of(1),
    text(sql),
  ])
  const record = Buffer.concat([
    Buffer.of(types.length + 1),
    types,
    Buffer.from(`${type}${name}_stream_records`),
    Buffer.of(root),
    Buffer.from(sql),
  ])
  return Buffer.concat([varint(record.length), Buffer.of(id), record])
}

/** Up to 14 bits are enough here. */
const varint = (value: number): Buffer =>
  value < 128 ? Buffer.of(value) : Buffer.of(128 | (value >> 7), value & 127)
