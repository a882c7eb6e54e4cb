-- One set of migrations serves both databases. What differs is filled in by dialect.go:
--   {{.ID}}                   an identity primary key
--   {{.Start "table" 1001}}   the first identity of a table
-- Times are BIGINT milliseconds since 1970, UTC (store.Time). Files here are append-only.

-- +goose Up

CREATE TABLE people (
    id           {{.ID}},
    organization TEXT NOT NULL,
    name         TEXT NOT NULL,
    language     TEXT NOT NULL,
    created_at   BIGINT NOT NULL
);

-- One person may have several accounts, one per workspace of a chat platform.
CREATE TABLE accounts (
    workspace TEXT NOT NULL,
    account   TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES people(id),
    PRIMARY KEY (workspace, account)
);
CREATE INDEX accounts_person ON accounts (person_id);

CREATE TABLE roles (
    workspace    TEXT NOT NULL,
    account      TEXT NOT NULL,
    organization TEXT NOT NULL,
    role         TEXT NOT NULL,
    PRIMARY KEY (workspace, account, organization, role)
);

-- A queue's channel: whether it is private, who is in it, and how old that knowledge is.
CREATE TABLE channels (
    workspace    TEXT NOT NULL,
    channel      TEXT NOT NULL,
    private      BOOLEAN NOT NULL,
    refreshed_at BIGINT NOT NULL,
    PRIMARY KEY (workspace, channel)
);
CREATE TABLE members (
    workspace TEXT NOT NULL,
    channel   TEXT NOT NULL,
    account   TEXT NOT NULL,
    PRIMARY KEY (workspace, channel, account)
);
CREATE INDEX members_account ON members (workspace, account, channel);

CREATE TABLE tickets (
    id           {{.ID}},
    kind         TEXT NOT NULL,
    service      TEXT NOT NULL,
    queue        TEXT NOT NULL,
    organization TEXT NOT NULL,
    requester_id BIGINT NOT NULL REFERENCES people(id),
    assignee_id  BIGINT REFERENCES people(id),
    subject      TEXT NOT NULL,
    impact       TEXT NOT NULL,
    urgency      TEXT NOT NULL,
    priority     TEXT NOT NULL,
    details      TEXT NOT NULL,
    state        TEXT NOT NULL,
    active       BOOLEAN NOT NULL,
    state_since  BIGINT NOT NULL,
    reminded     BOOLEAN NOT NULL,
    origin       TEXT NOT NULL,
    nonce        TEXT NOT NULL UNIQUE,
    follows_id   BIGINT REFERENCES tickets(id),
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL
);
{{.Start "tickets" 1001}}
-- Reminders and closing read (queue, state, reminded, state_since); lists read the others.
CREATE INDEX tickets_due ON tickets (queue, state, reminded, state_since);
CREATE INDEX tickets_active ON tickets (active, id);
CREATE INDEX tickets_state ON tickets (state, id);
CREATE INDEX tickets_follows ON tickets (follows_id);
CREATE INDEX tickets_queue ON tickets (queue, active, id);
CREATE INDEX tickets_requester ON tickets (requester_id, active, id);
CREATE INDEX tickets_organization ON tickets (organization, active, id);

CREATE TABLE messages (
    id          {{.ID}},
    ticket_id   BIGINT NOT NULL REFERENCES tickets(id),
    author_id   BIGINT NOT NULL REFERENCES people(id),
    audience    TEXT NOT NULL,
    side        TEXT NOT NULL,
    body        TEXT NOT NULL,
    workspace   TEXT NOT NULL,
    channel     TEXT NOT NULL,
    external_id TEXT NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE INDEX messages_ticket ON messages (ticket_id, id);
-- A chat message becomes a ticket's message once, however often its event arrives.
CREATE UNIQUE INDEX messages_external ON messages (workspace, channel, external_id) WHERE external_id <> '';

CREATE TABLE events (
    id        {{.ID}},
    ticket_id BIGINT NOT NULL REFERENCES tickets(id),
    actor_id  BIGINT REFERENCES people(id),
    act       TEXT NOT NULL,
    detail    TEXT NOT NULL,
    source    TEXT NOT NULL,
    at        BIGINT NOT NULL
);
CREATE INDEX events_ticket ON events (ticket_id, id);

-- The chat threads in which a ticket lives.
CREATE TABLE threads (
    id        {{.ID}},
    ticket_id BIGINT NOT NULL REFERENCES tickets(id),
    lane      TEXT NOT NULL,
    is_card   BOOLEAN NOT NULL,
    workspace TEXT NOT NULL,
    channel   TEXT NOT NULL,
    root      TEXT NOT NULL,
    UNIQUE (workspace, channel, root)
);
CREATE INDEX threads_lane ON threads (lane, id);
CREATE INDEX threads_ticket ON threads (ticket_id, workspace);

-- Until when each workspace is known to have been listened to.
CREATE TABLE heard (
    workspace TEXT PRIMARY KEY,
    at        BIGINT NOT NULL
);

-- Ids of what has come in, so that the same thing sent twice is done once.
CREATE TABLE inbound (
    key         TEXT PRIMARY KEY,
    received_at BIGINT NOT NULL
);
CREATE INDEX inbound_received ON inbound (received_at);

-- Messages written into a thread that is not known yet; placed when it is.
CREATE TABLE unplaced (
    id          {{.ID}},
    workspace   TEXT NOT NULL,
    channel     TEXT NOT NULL,
    root        TEXT NOT NULL,
    account     TEXT NOT NULL,
    external_id TEXT NOT NULL,
    body        TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    UNIQUE (workspace, channel, external_id)
);
CREATE INDEX unplaced_root ON unplaced (workspace, channel, root);
CREATE INDEX unplaced_received ON unplaced (received_at);

-- What a person has filled in so far in a form of several steps.
CREATE TABLE drafts (
    nonce      TEXT PRIMARY KEY,
    person_id  BIGINT NOT NULL REFERENCES people(id),
    fields     TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX drafts_updated ON drafts (updated_at);

-- Deliveries to make. A lane is one conversation; only its oldest row is visible.
CREATE TABLE outbox (
    id         {{.ID}},
    lane       TEXT NOT NULL,
    ticket_id  BIGINT NOT NULL REFERENCES tickets(id),
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
    created_at BIGINT NOT NULL
);
CREATE INDEX outbox_visible ON outbox (visible_at, id);
CREATE INDEX outbox_lane ON outbox (lane, id);
CREATE INDEX outbox_created ON outbox (created_at);

-- Deliveries that were refused for good; an operator looks at them.
CREATE TABLE parked (
    id         BIGINT PRIMARY KEY,
    lane       TEXT NOT NULL,
    ticket_id  BIGINT NOT NULL REFERENCES tickets(id),
    workspace  TEXT NOT NULL,
    kind       TEXT NOT NULL,
    person_id  BIGINT,
    message_id BIGINT,
    event_id   BIGINT,
    part       BIGINT NOT NULL,
    attempts   BIGINT NOT NULL,
    last_error TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    parked_at  BIGINT NOT NULL
);

-- When each cron schedule runs next; moved on by compare-and-set, so one copy runs it.
CREATE TABLE schedules (
    key     TEXT PRIMARY KEY,
    next_at BIGINT NOT NULL
);
