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

-- What became of tickets, for statistics: written when one is resolved or closed, and again when it is once more.
CREATE TABLE outcomes (
    ticket_id         BIGINT PRIMARY KEY REFERENCES tickets(id),
    queue             TEXT NOT NULL,
    service           TEXT NOT NULL,
    organization      TEXT NOT NULL,
    resolved_at       BIGINT NOT NULL, -- zero: it was reopened
    response          BIGINT NOT NULL, -- business time, as the next three: milliseconds
    response_target   BIGINT NOT NULL, -- zero: none
    resolution        BIGINT NOT NULL,
    resolution_target BIGINT NOT NULL,
    kept              BIGINT NOT NULL, -- later replies that came in time
    missed            BIGINT NOT NULL, -- and those that did not
    reopened          BIGINT NOT NULL, -- how often
    rating            TEXT NOT NULL DEFAULT '' -- the requester's: good, fair or bad; empty: none
);
CREATE INDEX outcomes_queue ON outcomes (queue, resolved_at);
CREATE INDEX outcomes_organization ON outcomes (organization, resolved_at);
