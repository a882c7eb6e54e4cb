-- Home views: who has opened one, which tab they left it at, and whether it may be out of date.

-- +goose Up

CREATE TABLE homes (
    workspace    TEXT NOT NULL,
    account      TEXT NOT NULL,
    person_id    BIGINT NOT NULL REFERENCES people(id),
    tab          TEXT NOT NULL,
    opened_at    BIGINT NOT NULL,
    stale        BOOLEAN NOT NULL,
    published_at BIGINT NOT NULL,
    shown        TEXT NOT NULL, -- hash of what it shows
    PRIMARY KEY (workspace, account)
);
CREATE INDEX homes_stale ON homes (workspace, stale, published_at);
CREATE INDEX roles_organization ON roles (organization, workspace, role, account);
