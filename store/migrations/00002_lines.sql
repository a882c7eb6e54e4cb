-- Deliveries are claimed by workspace, so that one that hangs holds up no other, and say in one word
-- why they failed.

-- +goose Up

DROP INDEX outbox_visible;
CREATE INDEX outbox_visible ON outbox (workspace, visible_at, id);

-- Where a person has accounts.
DROP INDEX accounts_person;
CREATE INDEX accounts_person ON accounts (person_id, workspace, account);

ALTER TABLE outbox ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE parked ADD COLUMN reason TEXT NOT NULL DEFAULT '';

-- Until when a workspace asked to be left alone.
CREATE TABLE paused (
    workspace TEXT PRIMARY KEY,
    until     BIGINT NOT NULL
);
