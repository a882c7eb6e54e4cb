-- Drafts are found by whose they are, when two people turn out to be one; and addresses are not kept for ever that were
-- to be confirmed.

-- +goose Up

CREATE INDEX drafts_person ON drafts (person_id);
CREATE INDEX confirmations_created ON confirmations (created_at);
