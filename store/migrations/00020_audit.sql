-- +goose Up

-- A role may come from the configuration and from an operator: each stays for as long as who gave it says so.
CREATE TABLE roles_by (
    workspace    TEXT NOT NULL,
    account      TEXT NOT NULL,
    organization TEXT NOT NULL,
    role         TEXT NOT NULL,
    origin       TEXT NOT NULL,
    PRIMARY KEY (workspace, account, organization, role, origin)
);
INSERT INTO roles_by (workspace, account, organization, role, origin) SELECT workspace, account, organization, role, 'config' FROM roles;
DROP TABLE roles;
ALTER TABLE roles_by RENAME TO roles;
CREATE INDEX roles_organization ON roles (organization, workspace, role, account);

-- What an organization may have to prove later. Rows are only ever added; but what is personal in one may be blanked, of which the hash
-- stays.
CREATE TABLE audit (
    id            {{.ID}},
    organization  TEXT NOT NULL,
    actor_id      BIGINT REFERENCES people(id), -- null: the program, or its operator
    subject_id    BIGINT REFERENCES people(id), -- whom it is about; null: nobody, or nobody who was known then
    account       TEXT NOT NULL, -- likewise, by workspace and account; blanked with what is personal
    act           TEXT NOT NULL,
    detail        TEXT NOT NULL, -- facts as JSON, of which none is personal
    personal      TEXT NOT NULL, -- facts as JSON that are; empty: there were none, or they were blanked
    salt          TEXT NOT NULL, -- without which nobody could guess them from their hash; blanked with them
    personal_hash TEXT NOT NULL,
    source        TEXT NOT NULL,
    at            BIGINT NOT NULL
);
CREATE INDEX audit_actor ON audit (actor_id, id);
CREATE INDEX audit_subject ON audit (subject_id, id);
CREATE INDEX audit_account ON audit (account, id) WHERE account <> '';

-- Entries that are not sealed yet: for moments.
CREATE TABLE unsealed (
    entry_id     BIGINT PRIMARY KEY REFERENCES audit(id),
    organization TEXT NOT NULL
);
CREATE INDEX unsealed_organization ON unsealed (organization, entry_id);

-- The chain of an organization: each seal is a hash of its entry and of the seal before.
CREATE TABLE seals (
    organization TEXT NOT NULL,
    seq          BIGINT NOT NULL, -- 1, 2, ...
    entry_id     BIGINT NOT NULL UNIQUE,
    hash         TEXT NOT NULL,
    PRIMARY KEY (organization, seq)
);
