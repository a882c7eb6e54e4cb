-- Mail: people's addresses and wishes, what came by mail, and what is told without a ticket.

-- +goose Up

-- The address at which a person is written to; it counts once they have shown that it is theirs.
ALTER TABLE people ADD COLUMN mail TEXT NOT NULL DEFAULT '';
-- Which replies they get by mail besides the chat: all, away or none.
ALTER TABLE people ADD COLUMN by_mail TEXT NOT NULL DEFAULT 'away';
-- The person whom this one has turned out to be, whose accounts are one's own now; zero: nobody.
ALTER TABLE people ADD COLUMN joined_id BIGINT NOT NULL DEFAULT 0;

-- Addresses that are to be shown to be somebody's, by a link that counts once.
CREATE TABLE confirmations (
    id         {{.ID}},
    person_id  BIGINT NOT NULL REFERENCES people(id),
    workspace  TEXT NOT NULL, -- the account that they asked with
    account    TEXT NOT NULL,
    address    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL -- zero: not yet
);
CREATE INDEX confirmations_person ON confirmations (person_id, id);

-- The mail as it came, under a key among the files; and what is known of whether its sender is who they say.
ALTER TABLE messages ADD COLUMN original TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN sender TEXT NOT NULL DEFAULT '';

CREATE INDEX messages_mailed ON messages (ticket_id, author_id, id) WHERE workspace = 'mail';

-- How many mails came from an address since an instant.
CREATE TABLE senders (
    address TEXT PRIMARY KEY,
    since   BIGINT NOT NULL,
    mails   BIGINT NOT NULL
);
CREATE INDEX senders_since ON senders (since);

-- Some deliveries concern no ticket, such as the mail with the link above.
{{if .SQLite}}
CREATE TABLE outbox_anew (
    id         {{.ID}},
    lane       TEXT NOT NULL,
    ticket_id  BIGINT REFERENCES tickets(id),
    workspace  TEXT NOT NULL,
    kind       TEXT NOT NULL,
    person_id  BIGINT,
    message_id BIGINT,
    event_id   BIGINT,
    part       BIGINT NOT NULL,
    unique_key TEXT UNIQUE,
    visible_at BIGINT,
    claims     BIGINT NOT NULL,
    settled    BIGINT NOT NULL,
    attempts   BIGINT NOT NULL,
    last_error TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    reason     TEXT NOT NULL DEFAULT '',
    held_until BIGINT NOT NULL DEFAULT 0,
    file_id    BIGINT
);
INSERT INTO outbox_anew (id, lane, ticket_id, workspace, kind, person_id, message_id, event_id, part, unique_key, visible_at,
        claims, settled, attempts, last_error, created_at, reason, held_until, file_id)
    SELECT id, lane, ticket_id, workspace, kind, person_id, message_id, event_id, part, unique_key, visible_at,
        claims, settled, attempts, last_error, created_at, reason, held_until, file_id FROM outbox;
-- No id is given twice: what was posted carries it.
DELETE FROM sqlite_sequence WHERE name = 'outbox_anew';
INSERT INTO sqlite_sequence (name, seq) SELECT 'outbox_anew', seq FROM sqlite_sequence WHERE name = 'outbox';
DROP TABLE outbox;
ALTER TABLE outbox_anew RENAME TO outbox;
CREATE INDEX outbox_visible ON outbox (workspace, visible_at, id);
CREATE INDEX outbox_lane ON outbox (lane, id);
CREATE INDEX outbox_created ON outbox (created_at);

CREATE TABLE parked_anew (
    id         BIGINT PRIMARY KEY,
    lane       TEXT NOT NULL,
    ticket_id  BIGINT REFERENCES tickets(id),
    workspace  TEXT NOT NULL,
    kind       TEXT NOT NULL,
    person_id  BIGINT,
    message_id BIGINT,
    event_id   BIGINT,
    part       BIGINT NOT NULL,
    attempts   BIGINT NOT NULL,
    last_error TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    parked_at  BIGINT NOT NULL,
    reason     TEXT NOT NULL DEFAULT '',
    file_id    BIGINT
);
INSERT INTO parked_anew (id, lane, ticket_id, workspace, kind, person_id, message_id, event_id, part, attempts, last_error, created_at,
        parked_at, reason, file_id)
    SELECT id, lane, ticket_id, workspace, kind, person_id, message_id, event_id, part, attempts, last_error, created_at,
        parked_at, reason, file_id FROM parked;
DROP TABLE parked;
ALTER TABLE parked_anew RENAME TO parked;
{{else}}
ALTER TABLE outbox ALTER COLUMN ticket_id DROP NOT NULL;
ALTER TABLE parked ALTER COLUMN ticket_id DROP NOT NULL;
{{end}}
