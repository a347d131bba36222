-- A second step at the door, and invitations.
ALTER TABLE users ADD COLUMN totp TEXT;          -- sealed, the key is not in this file; NULL: a password is enough
ALTER TABLE users ADD COLUMN totp_step INTEGER;  -- the newest step whose code was taken: each is good once

CREATE TABLE recovery_codes
(
    user_id   INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    code_hash BLOB    NOT NULL CHECK (length(code_hash) = 32), -- blake3 of 80 random bits
    PRIMARY KEY (user_id, code_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE invitations
(
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash BLOB    NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    site_id    INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
    email      TEXT    NOT NULL CHECK (email = lower(email)),
    role       TEXT    NOT NULL CHECK (role IN ('viewer', 'editor', 'owner')),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    UNIQUE (site_id, email)
) STRICT;
