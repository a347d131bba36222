-- Sites the owner has removed. Collectors erase what they hold of them; an id is never used
-- again.
CREATE TABLE removed_sites
(
    id         INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 4294967295),
    uuid       TEXT    NOT NULL CHECK (length(uuid) = 32),
    removed_at INTEGER NOT NULL
) STRICT;
