-- +goose Up

-- What employees ask their managers for: a license.
CREATE TABLE requests (
    id           {{.ID}},
    organization TEXT NOT NULL,
    person_id    BIGINT NOT NULL REFERENCES people(id), -- who asks
    source       TEXT NOT NULL, -- the workspace they asked in
    account      TEXT NOT NULL, -- theirs there
    license      TEXT NOT NULL,
    reason       TEXT NOT NULL, -- in their words
    nonce        TEXT NOT NULL UNIQUE, -- of the form: sent twice it is one request
    state        TEXT NOT NULL, -- open, approved, refused
    words        TEXT NOT NULL, -- of whoever refused it
    question     TEXT NOT NULL, -- what a manager asked last
    answer       TEXT NOT NULL, -- to that; empty: none yet
    by_id        BIGINT REFERENCES people(id), -- who decided or, before, asked last
    created_at   BIGINT NOT NULL,
    decided_at   BIGINT NOT NULL, -- 0: not yet
    remind_at    BIGINT           -- when managers are reminded; null: they are not
);
CREATE INDEX requests_open ON requests (organization, id) WHERE state = 'open';
CREATE INDEX requests_remind ON requests (remind_at) WHERE remind_at IS NOT NULL;
CREATE INDEX requests_person ON requests (person_id);
