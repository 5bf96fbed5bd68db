-- What a new file of dynoxide begins with: its stream's table, which it would make without an index and without an
-- end, so that each write of version 1.2.1 looks through all records ever streamed. dynamo-empty.db is made of this:
--   rm -f local/dynamo-empty.db && sqlite3 local/dynamo-empty.db < local/dynamo-empty.sql

-- As dynoxide makes it (CREATE TABLE IF NOT EXISTS).
CREATE TABLE _stream_records (
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
);

-- Serves its MAX(CAST(…)) for the next number and its ORDER BY CAST(…) for reading.
CREATE INDEX _stream_order
  ON _stream_records (table_name, CAST(sequence_number AS INTEGER));

-- DynamoDB's retention. Once in 500 records: looking through a day's records isn't free.
CREATE TRIGGER _stream_trim AFTER INSERT ON _stream_records WHEN NEW.id % 500 = 0
BEGIN DELETE FROM _stream_records WHERE created_at < NEW.created_at - 86400; END;
