-- Files that people put on messages. Their bytes are elsewhere (store/blob), under a key.

-- +goose Up

CREATE TABLE files (
    id          {{.ID}},
    ticket_id   BIGINT NOT NULL REFERENCES tickets(id),
    message_id  BIGINT NOT NULL REFERENCES messages(id),
    written_in  TEXT NOT NULL, -- the conversation in which it stands already; empty: in none
    workspace   TEXT NOT NULL,
    external_id TEXT NOT NULL,
    name        TEXT NOT NULL,
    type        TEXT NOT NULL,
    size        BIGINT NOT NULL,
    url         TEXT NOT NULL,
    state       TEXT NOT NULL,
    reason      TEXT NOT NULL,
    blob        TEXT NOT NULL,
    sha256      TEXT NOT NULL,
    UNIQUE (message_id, external_id)
);

-- What was uploaded to a platform and may not be shared there yet.
CREATE TABLE uploads (
    file_id     BIGINT NOT NULL REFERENCES files(id),
    lane        TEXT NOT NULL,
    external_id TEXT NOT NULL,
    PRIMARY KEY (file_id, lane)
);

ALTER TABLE outbox ADD COLUMN file_id BIGINT;
ALTER TABLE parked ADD COLUMN file_id BIGINT;

-- The files on a message whose thread is not known yet, as JSON.
ALTER TABLE unplaced ADD COLUMN files TEXT NOT NULL DEFAULT '';
