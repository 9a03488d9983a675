-- Tokens by which people's programs speak for them. Only a token's hash is kept, so that whoever reads the database cannot use
-- one. A row tells who made it and who took it back; it is never deleted.

CREATE TABLE person_tokens (
    id         text COLLATE "C" PRIMARY KEY CHECK (length(id) = 12),
    sha256     bytea NOT NULL UNIQUE CHECK (length(sha256) = 32),
    person     text COLLATE "C" NOT NULL,
    name       text NOT NULL,
    -- The database's epoch when it was made: a database that comes back from a copy has another, and its tokens are void.
    epoch      text NOT NULL,
    made_by    text NOT NULL,
    made_at    bigint NOT NULL,
    expires_at bigint NOT NULL CHECK (expires_at > made_at),
    last_used  bigint,
    revoked_by text,
    revoked_at bigint,
    CHECK ((revoked_by IS NULL) = (revoked_at IS NULL))
);

CREATE INDEX person_tokens_person ON person_tokens (person, made_at, id);

CREATE FUNCTION keep_person_token() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'a token is never changed or deleted, and what was revoked stays revoked';
END
$$;

CREATE TRIGGER person_tokens_keep BEFORE UPDATE ON person_tokens FOR EACH ROW
WHEN (NEW.sha256 <> OLD.sha256 OR NEW.person <> OLD.person OR NEW.name <> OLD.name OR NEW.epoch <> OLD.epoch
   OR NEW.made_by <> OLD.made_by OR NEW.made_at <> OLD.made_at OR NEW.expires_at <> OLD.expires_at
   OR (OLD.revoked_at IS NOT NULL AND (NEW.revoked_at IS DISTINCT FROM OLD.revoked_at
       OR NEW.revoked_by IS DISTINCT FROM OLD.revoked_by)))
EXECUTE FUNCTION keep_person_token();
CREATE TRIGGER person_tokens_stay BEFORE DELETE ON person_tokens FOR EACH ROW
EXECUTE FUNCTION keep_person_token();
