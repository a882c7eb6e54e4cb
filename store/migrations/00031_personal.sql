-- Whose words are kept where, so that an operator can give them to whoever wrote them, and blank them.

-- +goose Up

ALTER TABLE audit ADD COLUMN said BOOLEAN NOT NULL DEFAULT FALSE; -- what is personal is in the words of the actor

ALTER TABLE requests ADD COLUMN asked_by_id BIGINT REFERENCES people(id);      -- who asked the question; null: nobody did
ALTER TABLE orders ADD COLUMN refused_by_id BIGINT REFERENCES people(id);      -- whose words the reason is; null: nobody's
ALTER TABLE activations ADD COLUMN failed_by_id BIGINT REFERENCES people(id);  -- likewise; null: a program's, or there is none
UPDATE requests SET asked_by_id = by_id WHERE state = 'open';

CREATE INDEX requests_asked_by ON requests (asked_by_id) WHERE asked_by_id IS NOT NULL;
CREATE INDEX requests_by ON requests (by_id) WHERE by_id IS NOT NULL;
CREATE INDEX orders_refused_by ON orders (refused_by_id) WHERE refused_by_id IS NOT NULL;
CREATE INDEX activations_failed_by ON activations (failed_by_id) WHERE failed_by_id IS NOT NULL;
CREATE INDEX approvals_person ON approvals (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX approvals_account ON approvals (workspace, account);
CREATE INDEX approvals_stand_in ON approvals (stand_in_workspace, stand_in) WHERE stand_in <> '';
CREATE INDEX administrators_address ON administrators (mail) WHERE mail <> '';
