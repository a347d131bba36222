-- What waits for Metrika, and what became of it. Times are seconds since 1970-01-01 UTC.
-- No address, no user agent and no visitor's number is ever in this file.

CREATE TABLE IF NOT EXISTS rows
(
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    site     INTEGER NOT NULL,
    goal     TEXT    NOT NULL,             -- the identifier at Metrika; '' for an opening page view
    hour     INTEGER NOT NULL,
    state    TEXT    NOT NULL CHECK (state IN
        ('preview', 'pending', 'sending', 'late', 'uploading', 'uploaded',
         'accepted', 'uncertain', 'rejected', 'expired', 'blocked')),
    reason   TEXT    NOT NULL DEFAULT '',
    hash     BLOB,                         -- blake3 of what was sent, token hidden; none if nothing was
    reported INTEGER NOT NULL DEFAULT 0,   -- the dashboard has it
    upload   INTEGER,                      -- the file it goes or went in; gone once the row is settled
    -- From here on: gone once the row is settled, or Metrika has taken its file.
    epoch     INTEGER,                     -- of the settings it was made under
    counter   INTEGER,
    visit     INTEGER,                     -- for purging only
    cid       INTEGER,
    et        INTEGER,
    opened    INTEGER,                     -- last time accepted in this lane; none: not opened
    dl        TEXT,
    amount    TEXT,
    currency  TEXT,
    params    TEXT,                        -- words of the owner's lists
    at_most_once INTEGER,
    due       INTEGER,
    held      INTEGER,                     -- waits for enough equal ones
    attempts  INTEGER,
    withdrawn INTEGER,                     -- consent was taken back while it was under way
    source    TEXT,                        -- previews only: the event it comes from
    CHECK (state IN ('preview', 'pending', 'sending', 'late', 'uploading') OR coalesce(epoch, counter, visit, cid, et,
        opened, dl, amount, currency, params, at_most_once, due, held, attempts, withdrawn, source) IS NULL),
    CHECK (upload IS NULL OR state IN ('uploading', 'uploaded'))
) STRICT;

CREATE INDEX IF NOT EXISTS rows_due ON rows (due) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS rows_late ON rows (site, id) WHERE state = 'late';
CREATE INDEX IF NOT EXISTS rows_upload ON rows (upload) WHERE upload IS NOT NULL;
CREATE INDEX IF NOT EXISTS rows_lane ON rows (cid) WHERE cid IS NOT NULL;
CREATE INDEX IF NOT EXISTS rows_visit ON rows (visit) WHERE visit IS NOT NULL;
CREATE INDEX IF NOT EXISTS rows_unreported ON rows (id) WHERE reported = 0 AND hash IS NOT NULL;
CREATE INDEX IF NOT EXISTS rows_hour ON rows (hour);

-- Files of late goals: one row for each that was begun, for their number a day, and for
-- asking what became of it.
CREATE TABLE IF NOT EXISTS uploads
(
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    site    INTEGER NOT NULL,
    epoch   INTEGER NOT NULL,              -- of the settings it was made under
    at      INTEGER NOT NULL,              -- when it was begun
    taken   INTEGER,                       -- when Metrika said that it has it
    number  INTEGER,                       -- what Metrika calls it
    ask_at  INTEGER                        -- when to ask next; none: there is nothing to ask
) STRICT;

CREATE INDEX IF NOT EXISTS uploads_site ON uploads (site, at);

-- Events that have become a row, so that none becomes two. Apart from the rows, and a
-- keyed hash, so that a settled row leads to no event.
CREATE TABLE IF NOT EXISTS seen
(
    site  INTEGER NOT NULL,
    event BLOB    NOT NULL,
    at    INTEGER NOT NULL,
    PRIMARY KEY (site, event)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS seen_at ON seen (at);

-- How many goals ended how, by the hour. State 'eligible' counts what was to be forwarded:
-- the sum of the others plus what waits.
CREATE TABLE IF NOT EXISTS counts
(
    site     INTEGER NOT NULL,
    goal     TEXT    NOT NULL,
    hour     INTEGER NOT NULL,
    state    TEXT    NOT NULL,
    reason   TEXT    NOT NULL,
    n        INTEGER NOT NULL,
    reported INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (site, goal, hour, state, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS meta
(
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
