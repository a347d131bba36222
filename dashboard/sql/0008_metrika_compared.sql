-- What Metrika's reports said of a goal's day, beside what was forwarded: the nightly
-- comparison. Numbers only.
CREATE TABLE metrika_compared
(
    site_id   INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
    goal      TEXT    NOT NULL,
    day       TEXT    NOT NULL,                   -- in the counter's zone
    accepted  INTEGER NOT NULL,
    uncertain INTEGER NOT NULL,
    lost      INTEGER NOT NULL,
    recorded  INTEGER,                            -- none: the report was not exact
    verdict   TEXT    NOT NULL CHECK (verdict IN ('ok', 'short', 'over', 'not_judged')),
    at        INTEGER NOT NULL,
    PRIMARY KEY (site_id, goal, day)
) STRICT, WITHOUT ROWID;
