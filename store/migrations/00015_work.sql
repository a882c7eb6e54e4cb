-- Tags of tickets, and agents who watch one.

-- +goose Up

-- A ticket's tags in the order of the alphabet, with a space between each two.
ALTER TABLE tickets ADD COLUMN tags TEXT NOT NULL DEFAULT '';

-- The same, one by one, to list a queue's tickets by; with what else such a list goes by.
CREATE TABLE tags (
    ticket_id BIGINT NOT NULL REFERENCES tickets(id),
    tag       TEXT NOT NULL,
    queue     TEXT NOT NULL,
    service   TEXT NOT NULL,
    active    BOOLEAN NOT NULL,
    PRIMARY KEY (ticket_id, tag)
);
CREATE INDEX tags_queue ON tags (queue, tag, active, ticket_id);
CREATE INDEX tags_service ON tags (queue, tag, service, active, ticket_id);

-- Whether somebody follows a ticket as an agent, and may as long as they are one.
ALTER TABLE followers ADD COLUMN desk BOOLEAN NOT NULL DEFAULT FALSE;
