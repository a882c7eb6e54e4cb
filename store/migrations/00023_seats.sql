-- +goose Up

-- Who has which license. Of those who were assigned one before guichet came there may be a number alone: they have no row.
CREATE TABLE seats (
    id           {{.ID}},
    organization TEXT NOT NULL,
    license      TEXT NOT NULL, -- its key in the catalog
    person_id    BIGINT REFERENCES people(id), -- who has it; null: somebody who has not been met yet
    mail         TEXT NOT NULL, -- their address then, in small letters
    by_id        BIGINT NOT NULL REFERENCES people(id), -- who gave it to them
    at           BIGINT NOT NULL,
    CHECK ((person_id IS NULL) = (mail <> ''))
);
CREATE UNIQUE INDEX seats_person ON seats (person_id, organization, license) WHERE person_id IS NOT NULL;
CREATE UNIQUE INDEX seats_mail ON seats (mail, organization, license) WHERE mail <> '';
CREATE INDEX seats_organization ON seats (organization, id);
CREATE INDEX seats_license ON seats (organization, license, id);

-- How many of the assigned licenses have a row there: each who adds or takes one counts it here.
ALTER TABLE holdings ADD COLUMN named BIGINT NOT NULL DEFAULT 0 CHECK (named >= 0 AND named <= assigned);

-- By which people are found whom a list names.
CREATE INDEX people_named ON people (organization, name);
