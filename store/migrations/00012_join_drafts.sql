-- What somebody has begun to fill in, to be theirs still when two people turn out to be one.

-- +goose Up

CREATE INDEX drafts_person ON drafts (person_id);
