-- +goose Up

-- Chat messages that told somebody of a record by buttons: when these have no more use, the message is to say so.
CREATE TABLE notices (
    id          {{.ID}},
    what        TEXT NOT NULL, -- the sort of notice
    record      BIGINT NOT NULL, -- the order, request, termination or quote that it is about
    account     TEXT NOT NULL, -- who was told
    workspace   TEXT NOT NULL,
    channel     TEXT NOT NULL,
    external_id TEXT NOT NULL,
    UNIQUE (workspace, channel, external_id)
);
CREATE INDEX notices_record ON notices (what, record, id);
CREATE INDEX notices_account ON notices (what, record, workspace, account, id);
