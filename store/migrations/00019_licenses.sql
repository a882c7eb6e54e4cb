-- +goose Up

-- What has moved of the licenses of an organization: orders, activations, assignments, and back. Rows are only ever added.
CREATE TABLE movements (
    id           {{.ID}},
    organization TEXT NOT NULL,
    license      TEXT NOT NULL,   -- its key in the catalog
    seq          BIGINT NOT NULL, -- 1, 2, ... for each license of an organization
    act          TEXT NOT NULL,
    ordered      BIGINT NOT NULL, -- so many more, or fewer
    activated    BIGINT NOT NULL,
    assigned     BIGINT NOT NULL,
    actor_id     BIGINT REFERENCES people(id), -- who did it; null: the program
    source       TEXT NOT NULL,   -- the workspace it came from, or what else it was
    at           BIGINT NOT NULL,
    UNIQUE (organization, license, seq)
);

-- What they come to. Each movement changes its row here in the same transaction: by it, those who move the same license take turns, and
-- what can't be is refused by the database, whoever asks.
CREATE TABLE holdings (
    organization TEXT NOT NULL,
    license      TEXT NOT NULL,
    seq          BIGINT NOT NULL, -- of the last movement
    ordered      BIGINT NOT NULL,
    activated    BIGINT NOT NULL,
    assigned     BIGINT NOT NULL,
    PRIMARY KEY (organization, license),
    CHECK (ordered >= activated AND activated >= assigned AND assigned >= 0)
);
