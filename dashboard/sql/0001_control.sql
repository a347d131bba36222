-- What the owner has settled. Nothing about visitors is ever in this file.
-- Times are seconds since 1970-01-01 UTC.

CREATE TABLE users
(
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    email         TEXT    NOT NULL UNIQUE CHECK (email = lower(email)),
    password_hash TEXT    NOT NULL,               -- PHC string, argon2id
    created_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions
(
    token_hash BLOB    PRIMARY KEY CHECK (length(token_hash) = 32), -- blake3; the token is only in the browser
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_user ON sessions (user_id);

-- AUTOINCREMENT: the id of a removed site must never name another one, its
-- events may still be in ClickHouse.
CREATE TABLE sites
(
    id         INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id BETWEEN 1 AND 4294967295),
    uuid       TEXT    NOT NULL UNIQUE CHECK (length(uuid) = 32),
    domain     TEXT    NOT NULL UNIQUE CHECK (domain = lower(domain)),
    time_zone  TEXT    NOT NULL,
    hosts      TEXT    NOT NULL CHECK (json_valid(hosts)),
    props      TEXT    NOT NULL CHECK (json_valid(props)),
    created_at INTEGER NOT NULL
) STRICT;

-- One row: the version of the settings snapshot that collectors hold.
CREATE TABLE settings
(
    only    INTEGER PRIMARY KEY CHECK (only = 1),
    version INTEGER NOT NULL
) STRICT;

INSERT INTO settings (only, version) VALUES (1, 1);

-- The token of the set-up link, while there is no owner. At most one row.
CREATE TABLE setup_token
(
    only       INTEGER PRIMARY KEY CHECK (only = 1),
    token_hash BLOB    NOT NULL CHECK (length(token_hash) = 32),
    created_at INTEGER NOT NULL
) STRICT;

-- Every change, each row sealed by the hash of the one before it.
CREATE TABLE audit
(
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    actor   TEXT    NOT NULL,                     -- an e-mail address, or 'system'
    action  TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    detail  TEXT    NOT NULL CHECK (json_valid(detail)),
    hash    BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

CREATE TRIGGER audit_is_never_cut BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
