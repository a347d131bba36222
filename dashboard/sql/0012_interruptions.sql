-- When a collector did not run, and which sites' days were split by it. Nothing of visitors.
CREATE TABLE interruptions
(
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    node     INTEGER NOT NULL,
    began_at INTEGER NOT NULL, -- seconds since 1970-01-01, as are all times
    ended_at INTEGER NOT NULL,
    gap      INTEGER NOT NULL CHECK (gap IN (0, 1)),
    UNIQUE (node, began_at, ended_at)
) STRICT;

CREATE TABLE interruption_splits
(
    interruption_id INTEGER NOT NULL REFERENCES interruptions (id) ON DELETE CASCADE,
    site_id         INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
    PRIMARY KEY (interruption_id, site_id)
) STRICT, WITHOUT ROWID;
