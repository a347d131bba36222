-- Who may do what, and the tokens that programs come with.

-- An administrator may do everything with every site. Until now there was one account.
ALTER TABLE users ADD COLUMN is_admin INTEGER NOT NULL DEFAULT 0 CHECK (is_admin IN (0, 1));
UPDATE users SET is_admin = 1;

CREATE TABLE members
(
    site_id INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role    TEXT    NOT NULL CHECK (role IN ('viewer', 'editor', 'owner')),
    PRIMARY KEY (site_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX members_by_user ON members (user_id);

-- A token does what its account may do, and no more than its scope says.
CREATE TABLE api_tokens
(
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash BLOB    NOT NULL UNIQUE CHECK (length(token_hash) = 32), -- blake3; the token was shown once
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    scope      TEXT    NOT NULL CHECK (scope IN ('stats:read', 'manage')),
    site_id    INTEGER REFERENCES sites (id) ON DELETE CASCADE,         -- NULL: every site of the account
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    used_at    INTEGER                                                  -- to the hour
) STRICT;

CREATE INDEX api_tokens_by_user ON api_tokens (user_id);
