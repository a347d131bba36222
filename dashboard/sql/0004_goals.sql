-- Goals and funnels the owner has declared. Collectors decide them when a day is closed.

CREATE TABLE goals
(
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    site_id    INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
    title      TEXT    NOT NULL,
    rule       TEXT    NOT NULL CHECK (json_valid(rule)),
    value      TEXT             CHECK (value IS NULL OR json_valid(value)), -- what one is worth; NULL: its events' own revenue
    created_at INTEGER NOT NULL,
    UNIQUE (site_id, title)
) STRICT;

CREATE TABLE funnels
(
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    site_id    INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
    title      TEXT    NOT NULL,
    steps      TEXT    NOT NULL CHECK (json_valid(steps)),
    created_at INTEGER NOT NULL,
    UNIQUE (site_id, title)
) STRICT;
