-- +goose Up

-- The version of terms that an organization has accepted last: when another one is in force its managers are told.
CREATE TABLE accepted_terms (
    organization TEXT NOT NULL,
    kind         TEXT NOT NULL,
    service      TEXT NOT NULL, -- empty: of all
    version      TEXT NOT NULL,
    PRIMARY KEY (organization, kind, service)
);
