-- Links by which others see a site's figures without an account.
CREATE TABLE share_links
(
    id          TEXT    PRIMARY KEY CHECK (length(id) = 16), -- names the link, proves nothing
    site_id     INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
    name        TEXT    NOT NULL,
    secret_hash BLOB    CHECK (length(secret_hash) = 32),     -- blake3; NULL: open to everybody
    password    TEXT,                                        -- PHC string, argon2id
    frames      TEXT    NOT NULL CHECK (json_valid(frames)),  -- origins that may show it in a frame
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX share_links_by_site ON share_links (site_id);
