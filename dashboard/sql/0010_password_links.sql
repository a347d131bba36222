-- A link by which somebody who forgot their password sets another, made on the server.
CREATE TABLE password_links
(
    token_hash   BLOB    NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    user_id      INTEGER NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    ends_two_step INTEGER NOT NULL CHECK (ends_two_step IN (0, 1)), -- for whoever lost that, too
    expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
