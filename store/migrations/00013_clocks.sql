-- Clocks of tickets, and when something is due by itself.

-- +goose Up

-- Where its clocks stand, as JSON (helpdesk/clock.Ticket); empty: nobody has counted yet.
ALTER TABLE tickets ADD COLUMN clocks TEXT NOT NULL DEFAULT '';
-- When something of it may be due next, such as a reminder; zero: nothing will be.
ALTER TABLE tickets ADD COLUMN due_at BIGINT NOT NULL DEFAULT 0;
UPDATE tickets SET due_at = 1 WHERE state <> 'closed';
DROP INDEX tickets_due;
CREATE INDEX tickets_due ON tickets (due_at, id) WHERE due_at > 0;
ALTER TABLE tickets DROP COLUMN reminded;

-- By which rules what is due of a queue's tickets was counted: a hash of its settings.
CREATE TABLE policies (
    queue TEXT PRIMARY KEY,
    hash  TEXT NOT NULL
);

-- Who was last given a ticket of a queue by its policy; zero: nobody yet.
CREATE TABLE turns (
    queue     TEXT PRIMARY KEY,
    person_id BIGINT NOT NULL
);
