-- What is needed to make one person of two.

-- +goose Up

CREATE INDEX followers_person ON followers (person_id, ticket_id);
CREATE INDEX people_joined ON people (joined_id) WHERE joined_id <> 0;
CREATE INDEX confirmations_used ON confirmations (used_at) WHERE used_at <> 0;
