-- +goose Up

-- Ordered licenses that are to be made usable. What is not active yet is not in the ledger, but nobody else can have it.
CREATE TABLE activations (
    id            {{.ID}},
    organization  TEXT NOT NULL,
    license       TEXT NOT NULL,
    quantity      BIGINT NOT NULL,
    person_id     BIGINT NOT NULL REFERENCES people(id), -- who asked for it
    source        TEXT NOT NULL, -- the workspace they asked in
    account       TEXT NOT NULL, -- theirs there
    nonce         TEXT NOT NULL UNIQUE, -- of the form: sent twice it is one
    state         TEXT NOT NULL, -- requested, in_progress, active, failed
    reason        TEXT NOT NULL, -- why it failed
    ticket_id     BIGINT REFERENCES tickets(id), -- by which agents do it; null: a program does
    deadline      BIGINT,        -- when it has failed if nothing was heard of it; null: it is over, or has none
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
CREATE INDEX activations_pending ON activations (organization, license) WHERE state IN ('requested', 'in_progress');
CREATE INDEX activations_ticket ON activations (ticket_id) WHERE ticket_id IS NOT NULL;
CREATE INDEX activations_deadline ON activations (deadline) WHERE deadline IS NOT NULL;
CREATE INDEX activations_person ON activations (person_id);
