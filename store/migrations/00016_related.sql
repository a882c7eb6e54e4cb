-- Tickets among each other: merged, linked, parts of an incident; and incidents that people are told of.

-- +goose Up

-- The ticket in which it goes on since the two were merged.
ALTER TABLE tickets ADD COLUMN merged_id BIGINT;
-- The incident that it is a part of; and how many tickets are part of it.
ALTER TABLE tickets ADD COLUMN parent_id BIGINT;
ALTER TABLE tickets ADD COLUMN affected BIGINT NOT NULL DEFAULT 0;
CREATE INDEX tickets_parent ON tickets (parent_id, id) WHERE parent_id IS NOT NULL;
-- The numbers of others that it has to do with, in order, with a space between each two.
ALTER TABLE tickets ADD COLUMN links TEXT NOT NULL DEFAULT '';
-- Whether its queue is told nothing of it, because its requester has said no more than that they are affected too.
ALTER TABLE tickets ADD COLUMN quiet BOOLEAN NOT NULL DEFAULT FALSE;

-- How severe an incident is that was declared a major one; empty: it was not.
ALTER TABLE tickets ADD COLUMN major TEXT NOT NULL DEFAULT '';

-- What people are told of an incident before they open a ticket about it, and what is special to a major one.
CREATE TABLE incidents (
    ticket_id    BIGINT PRIMARY KEY REFERENCES tickets(id),
    title        TEXT NOT NULL,    -- in words for everybody
    organization TEXT NOT NULL,    -- whose people are told of it; empty: everybody's whom its queue serves
    known        BOOLEAN NOT NULL, -- they still are
    since        BIGINT NOT NULL,
    every        BIGINT NOT NULL,  -- milliseconds from one update to the next
    update_at    BIGINT NOT NULL,  -- when the next is due; zero: none is
    ended_at     BIGINT NOT NULL,
    summary_id   BIGINT NOT NULL,  -- the message that sums it up; zero: there is none yet
    workspace    TEXT NOT NULL,    -- the channel or the thread in which the desk works on it
    channel      TEXT NOT NULL,
    root         TEXT NOT NULL     -- empty: a channel of its own
);
CREATE INDEX incidents_known ON incidents (known, ticket_id);
CREATE INDEX incidents_update ON incidents (update_at) WHERE update_at > 0;
CREATE INDEX incidents_place ON incidents (workspace, channel) WHERE channel <> '';

-- The timeline of a major incident: messages that somebody has marked.
CREATE TABLE marks (
    ticket_id   BIGINT NOT NULL REFERENCES tickets(id),
    workspace   TEXT NOT NULL,
    channel     TEXT NOT NULL,
    external_id TEXT NOT NULL,
    author      TEXT NOT NULL, -- the name of whoever wrote it
    body        TEXT NOT NULL,
    said_at     BIGINT NOT NULL,
    person_id   BIGINT NOT NULL REFERENCES people(id), -- who marked it
    PRIMARY KEY (workspace, channel, external_id)
);
CREATE INDEX marks_ticket ON marks (ticket_id, said_at);
