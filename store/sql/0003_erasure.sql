-- The ledger also counts stored events that were erased afterwards, and tells the site's
-- own day of stored events, so that it can be held against the rows of a day.
ALTER TABLE {db}.ledger MODIFY COLUMN outcome Enum8('stored' = 1, 'refused' = 2, 'erased' = 3);

ALTER TABLE {db}.ledger ADD COLUMN IF NOT EXISTS day Date DEFAULT toDate(minute) AFTER minute;
