-- +goose Up

-- Reminders about licenses that whoever gets them has put off: until then they are not reminded of that.
CREATE TABLE snoozes (
    workspace TEXT NOT NULL,
    account   TEXT NOT NULL, -- whose reminders
    what      TEXT NOT NULL, -- the sort of notice
    record    BIGINT NOT NULL, -- the order or request that it is about; 0: what all of an organization has
    until_at  BIGINT NOT NULL,
    PRIMARY KEY (workspace, account, what, record)
);
CREATE INDEX snoozes_until ON snoozes (until_at);
