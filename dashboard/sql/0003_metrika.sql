-- Forwarding to Yandex Metrika: what the owner has settled, and what became of it.
-- Nothing about visitors: goals, hours and numbers.

CREATE TABLE metrika
(
    site_id  INTEGER PRIMARY KEY REFERENCES sites (id) ON DELETE CASCADE,
    counter  INTEGER NOT NULL CHECK (counter BETWEEN 1 AND 4294967295),
    token    TEXT,                                 -- sealed; the key is not in this file
    oauth    TEXT,                                 -- the same: reads settings and reports
    mode     TEXT    NOT NULL CHECK (mode IN ('off', 'preview', 'live')),
    epoch    INTEGER NOT NULL,                     -- the settings' version at the last change of mode or counter
    test     INTEGER NOT NULL,                     -- the same at the last order of a test
    rules    TEXT    NOT NULL CHECK (json_valid(rules))
) STRICT;

-- How many goals of an hour ended how, as collectors say; the newest word of each counts.
CREATE TABLE metrika_counts
(
    node    INTEGER NOT NULL,
    site_id INTEGER NOT NULL,
    goal    TEXT    NOT NULL,
    hour    INTEGER NOT NULL,
    state   TEXT    NOT NULL,
    reason  TEXT    NOT NULL,
    n       INTEGER NOT NULL,
    PRIMARY KEY (node, site_id, goal, hour, state, reason)
) STRICT, WITHOUT ROWID;

CREATE INDEX metrika_counts_by_hour ON metrika_counts (site_id, hour);

-- Every request that left: goal, hour, state and the hash of what was sent, each row sealed
-- by the hash of the one before it.
CREATE TABLE metrika_forwards
(
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    node    INTEGER NOT NULL,
    row     INTEGER NOT NULL,                      -- its number in the collector's outbox
    site_id INTEGER NOT NULL,
    goal    TEXT    NOT NULL,                      -- '' for an opening page view
    hour    INTEGER NOT NULL,
    state   TEXT    NOT NULL,
    reason  TEXT    NOT NULL,
    payload TEXT    NOT NULL,                      -- blake3, hexadecimal, of the body with its token hidden
    hash    BLOB    NOT NULL CHECK (length(hash) = 32),
    UNIQUE (node, row, payload)
) STRICT;

CREATE INDEX metrika_forwards_by_site ON metrika_forwards (site_id, id);

CREATE TRIGGER metrika_forwards_are_never_changed BEFORE UPDATE ON metrika_forwards
BEGIN
    SELECT RAISE(ABORT, 'the log of forwards is append-only');
END;

CREATE TRIGGER metrika_forwards_are_never_cut BEFORE DELETE ON metrika_forwards
BEGIN
    SELECT RAISE(ABORT, 'the log of forwards is append-only');
END;
