-- Who looks after the services of an organization: its technical administrators.

-- +goose Up

CREATE TABLE administrators (
    id           {{.ID}},
    organization TEXT NOT NULL,
    person_id    BIGINT UNIQUE REFERENCES people(id), -- null: nobody who is known, until they have confirmed their address
    name         TEXT NOT NULL, -- what a manager says of them until then: empty afterwards
    phone        TEXT NOT NULL,
    mail         TEXT NOT NULL,
    language     TEXT NOT NULL,
    created_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX administrators_mail ON administrators (organization, mail) WHERE mail <> '';
CREATE INDEX administrators_organization ON administrators (organization, id);

-- Each service of an organization has one, and maybe another who takes their place once they have confirmed their address.
CREATE TABLE administered (
    organization     TEXT NOT NULL,
    service          TEXT NOT NULL,
    waiting          BOOLEAN NOT NULL,
    administrator_id BIGINT NOT NULL REFERENCES administrators(id),
    since            BIGINT NOT NULL,
    PRIMARY KEY (organization, service, waiting)
);
CREATE INDEX administered_administrator ON administered (administrator_id);

-- Whose the address would be; 0: of the person who gave it.
ALTER TABLE confirmations ADD COLUMN administrator_id BIGINT NOT NULL DEFAULT 0;
CREATE INDEX confirmations_administrator ON confirmations (administrator_id, id) WHERE administrator_id <> 0;

-- What became of administrators, as their managers look back on it. The ids are turned round, so that nothing goes along the primary key, over all else
-- that an organization has in the log.
CREATE INDEX audit_administrators ON audit (organization, (-id)) WHERE act >= 'administrator.' AND act < 'administrator/';
