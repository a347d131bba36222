-- Filters under a name, and what happened on a day, as a report shows it.
CREATE TABLE segments
(
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    site_id    INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
    title      TEXT    NOT NULL,
    filters    TEXT    NOT NULL CHECK (json_valid(filters)), -- as in a report's query
    created_at INTEGER NOT NULL,
    UNIQUE (site_id, title)
) STRICT;

CREATE TABLE annotations
(
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    site_id    INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
    day        TEXT    NOT NULL, -- site-local, 2026-11-30
    text       TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX annotations_of_site ON annotations (site_id, day);
