-- Tickets from messages: what a message quotes, and who is told of a ticket besides its requester.

-- +goose Up

CREATE TABLE followers (
    ticket_id BIGINT NOT NULL REFERENCES tickets(id),
    person_id BIGINT NOT NULL REFERENCES people(id),
    workspace TEXT NOT NULL,
    PRIMARY KEY (ticket_id, person_id)
);
-- Most tickets have no follower: where this is false, nobody looks for one.
ALTER TABLE tickets ADD COLUMN followed BOOLEAN NOT NULL DEFAULT FALSE;

-- Whose words a message quotes, and where they stand.
ALTER TABLE messages ADD COLUMN quotes TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN link TEXT NOT NULL DEFAULT '';
