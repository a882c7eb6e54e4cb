-- What people say of themselves, and every change of it.

-- +goose Up

ALTER TABLE people ADD COLUMN phone TEXT NOT NULL DEFAULT '';

CREATE TABLE person_events (
    id {{.ID}},
    person_id BIGINT NOT NULL REFERENCES people(id),
    actor_id BIGINT NOT NULL REFERENCES people(id),
    field TEXT NOT NULL,
    was TEXT NOT NULL,
    became TEXT NOT NULL,
    source TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX person_events_person ON person_events (person_id, id);
