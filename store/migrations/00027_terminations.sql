-- +goose Up

-- Licenses that end. What is to end is in the ledger until then, but nobody can have it any more.
CREATE TABLE terminations (
    id           {{.ID}},
    organization TEXT NOT NULL,
    license      TEXT NOT NULL,
    quantity     BIGINT NOT NULL,
    person_id    BIGINT NOT NULL REFERENCES people(id), -- who ended them
    source       TEXT NOT NULL, -- the workspace they did it in
    account      TEXT NOT NULL, -- theirs there
    nonce        TEXT NOT NULL, -- of the form, which may end several licenses of a service
    state        TEXT NOT NULL, -- planned, done, undone
    attested     BOOLEAN NOT NULL, -- they have said that no device is enrolled any more
    devices      BIGINT NOT NULL,  -- how many were, as a program has said; -1: nobody was asked
    effective_at BIGINT NOT NULL,
    due_at       BIGINT, -- when they are reminded of it, or it takes effect; null: it is over
    created_at   BIGINT NOT NULL,
    UNIQUE (nonce, license)
);
CREATE INDEX terminations_planned ON terminations (organization, license) WHERE state = 'planned';
CREATE INDEX terminations_due ON terminations (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX terminations_person ON terminations (person_id);
