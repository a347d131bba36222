-- The tables as the first version made them: for the test of the upgrade alone.

CREATE TABLE IF NOT EXISTS rows
(
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    site     INTEGER NOT NULL,
    goal     TEXT    NOT NULL,             -- the identifier at Metrika; '' for an opening page view
    hour     INTEGER NOT NULL,
    state    TEXT    NOT NULL CHECK (state IN
        ('preview', 'pending', 'sending', 'accepted', 'uncertain', 'rejected', 'expired', 'blocked')),
    reason   TEXT    NOT NULL DEFAULT '',
    hash     BLOB,                         -- blake3 of the request, token hidden; none if none was sent
    reported INTEGER NOT NULL DEFAULT 0,   -- the dashboard has it
    -- From here on: gone once the row is settled.
    epoch     INTEGER,                     -- of the settings it was made under
    counter   INTEGER,
    visit     INTEGER,                     -- for purging only
    cid       INTEGER,
    et        INTEGER,
    opened    INTEGER,                     -- last time accepted in this lane; none: not opened
    dl        TEXT,
    amount    TEXT,
    currency  TEXT,
    at_most_once INTEGER,
    due       INTEGER,
    held      INTEGER,                     -- waits for enough equal ones
    attempts  INTEGER,
    source    TEXT,                        -- previews only: the event it comes from
    CHECK (state IN ('preview', 'pending', 'sending') OR coalesce(epoch, counter, visit, cid, et, opened, dl, amount,
        currency, at_most_once, due, held, attempts, source) IS NULL)
) STRICT;

CREATE INDEX IF NOT EXISTS rows_due ON rows (due) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS rows_lane ON rows (cid) WHERE cid IS NOT NULL;
CREATE INDEX IF NOT EXISTS rows_visit ON rows (visit) WHERE visit IS NOT NULL;
CREATE INDEX IF NOT EXISTS rows_unreported ON rows (id) WHERE reported = 0 AND hash IS NOT NULL;
CREATE INDEX IF NOT EXISTS rows_hour ON rows (hour);

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
