-- +goose Up

-- Whose words a chat message of guichet's tells: asked when somebody marks one.
CREATE INDEX posts_external ON posts (external_id);

ALTER TABLE marks ADD COLUMN theirs BOOLEAN NOT NULL DEFAULT FALSE; -- a customer wrote it

-- From one update to the next it is nanoseconds now, no more milliseconds.
UPDATE incidents SET every = every * 1000000;

-- A copy of an incident's answer has the message as its channel now, and the ticket as its id: so a message's copies are found. In two
-- steps, of which none makes two alike.
UPDATE messages SET workspace = 'incident turned', channel = external_id, external_id = channel WHERE workspace = 'incident';
UPDATE messages SET workspace = 'incident' WHERE workspace = 'incident turned';
