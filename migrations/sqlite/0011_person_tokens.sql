-- Tokens by which people's programs speak for them. Only a token's hash is kept, so that whoever reads the database cannot use
-- one. A row tells who made it and who took it back; it is never deleted.

CREATE TABLE person_tokens (
    id         TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 12),
    sha256     BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
    person     TEXT NOT NULL,
    name       TEXT NOT NULL,
    -- The database's epoch when it was made: a database that comes back from a copy has another, and its tokens are void.
    epoch      TEXT NOT NULL,
    made_by    TEXT NOT NULL,
    made_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL CHECK (expires_at > made_at),
    last_used  INTEGER,
    revoked_by TEXT,
    revoked_at INTEGER,
    CHECK ((revoked_by IS NULL) = (revoked_at IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX person_tokens_person ON person_tokens (person, made_at, id);

CREATE TRIGGER person_tokens_keep BEFORE UPDATE ON person_tokens
WHEN NEW.sha256 <> OLD.sha256 OR NEW.person <> OLD.person OR NEW.name <> OLD.name OR NEW.epoch <> OLD.epoch
  OR NEW.made_by <> OLD.made_by OR NEW.made_at <> OLD.made_at OR NEW.expires_at <> OLD.expires_at
  OR (OLD.revoked_at IS NOT NULL AND (NEW.revoked_at IS NOT OLD.revoked_at OR NEW.revoked_by IS NOT OLD.revoked_by))
BEGIN SELECT RAISE(ABORT, 'a token is never changed, and what was revoked stays revoked'); END;
CREATE TRIGGER person_tokens_stay BEFORE DELETE ON person_tokens
BEGIN SELECT RAISE(ABORT, 'a token is never deleted'); END;
