-- Messages that are edited, deleted, or taken back before they are sent.

-- +goose Up

ALTER TABLE messages ADD COLUMN edited_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN deleted_at BIGINT NOT NULL DEFAULT 0;
-- Until when its author can take it back; zero: not at all.
ALTER TABLE messages ADD COLUMN held_until BIGINT NOT NULL DEFAULT 0;

-- What a message was before it was edited.
CREATE TABLE versions (
    id         {{.ID}},
    message_id BIGINT NOT NULL REFERENCES messages(id),
    audience   TEXT NOT NULL,
    body       TEXT NOT NULL,
    until      BIGINT NOT NULL
);
CREATE INDEX versions_message ON versions (message_id, id);

-- The chat messages by which a message was told: to be changed, or deleted, with it.
CREATE TABLE posts (
    message_id  BIGINT NOT NULL REFERENCES messages(id),
    kind        TEXT NOT NULL,
    lane        TEXT NOT NULL,
    part        BIGINT NOT NULL,
    workspace   TEXT NOT NULL,
    channel     TEXT NOT NULL,
    external_id TEXT NOT NULL,
    PRIMARY KEY (message_id, kind, lane, part)
);

-- Not to be delivered before: zero, or until when its author can take it back.
ALTER TABLE outbox ADD COLUMN held_until BIGINT NOT NULL DEFAULT 0;
