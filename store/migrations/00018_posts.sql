-- +goose Up

-- Whose words a chat message of guichet's tells: asked when somebody marks one.
CREATE INDEX posts_external ON posts (external_id);
