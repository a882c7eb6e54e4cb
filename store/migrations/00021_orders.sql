-- +goose Up

-- What a movement of licenses belongs to, such as "order/12"; empty: to nothing that is kept besides.
ALTER TABLE movements ADD COLUMN about TEXT NOT NULL DEFAULT '';

-- Texts of terms, each for good as it was shown.
CREATE TABLE terms (
    hash TEXT PRIMARY KEY, -- SHA-256 of the text
    text TEXT NOT NULL,
    at   BIGINT NOT NULL
);

-- Orders, with the prices that they were made at. Amounts are in minor units of the currency.
CREATE TABLE orders (
    id           {{.ID}},
    organization TEXT NOT NULL,
    person_id    BIGINT NOT NULL REFERENCES people(id), -- who ordered
    nonce        TEXT NOT NULL UNIQUE,                  -- of the form: sent twice it is one order
    state        TEXT NOT NULL,                         -- pending, placed, refused, withdrawn
    currency     TEXT NOT NULL,
    net          BIGINT NOT NULL,
    vat          BIGINT NOT NULL,
    language     TEXT NOT NULL, -- in which it was made
    source       TEXT NOT NULL, -- the workspace it was made in
    account      TEXT NOT NULL, -- of whoever ordered, there
    quote_id     BIGINT REFERENCES tickets(id), -- the ticket of the quote that it accepts; null: none
    step         BIGINT NOT NULL, -- which approval it waits for, from 1; 0: for none
    reason       TEXT NOT NULL, -- in the words of whoever refused it
    created_at   BIGINT NOT NULL,
    decided_at   BIGINT NOT NULL, -- 0: not yet
    remind_at    BIGINT           -- when whoever is to approve is reminded; null: nobody is
);
CREATE INDEX orders_person ON orders (person_id);
CREATE INDEX orders_organization ON orders (organization, id);
CREATE INDEX orders_pending ON orders (organization, id) WHERE state = 'pending';
CREATE INDEX orders_remind ON orders (remind_at) WHERE remind_at IS NOT NULL;

CREATE TABLE order_lines (
    order_id BIGINT NOT NULL REFERENCES orders(id),
    line     BIGINT NOT NULL, -- 1, 2, ...
    license  TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    before   BIGINT NOT NULL, -- how many there were when it was made
    price    BIGINT NOT NULL, -- of one, a month, net
    rate     BIGINT NOT NULL, -- of value added tax, in hundredths of a percent
    net      BIGINT NOT NULL,
    vat      BIGINT NOT NULL,
    PRIMARY KEY (order_id, line)
);

-- The terms that were accepted with an order.
CREATE TABLE acceptances (
    order_id BIGINT NOT NULL REFERENCES orders(id),
    place    BIGINT NOT NULL, -- 1, 2, ..., as they were shown
    kind     TEXT NOT NULL,   -- general, particular, specific
    service  TEXT NOT NULL,   -- empty: of all
    version  TEXT NOT NULL,
    hash     TEXT NOT NULL REFERENCES terms(hash),
    language TEXT NOT NULL,   -- of the text
    PRIMARY KEY (order_id, place)
);

-- Who approves an order, in turns.
CREATE TABLE approvals (
    order_id  BIGINT NOT NULL REFERENCES orders(id),
    step      BIGINT NOT NULL, -- 1, 2, ...
    workspace TEXT NOT NULL,
    account   TEXT NOT NULL,
    stand_in_workspace TEXT NOT NULL, -- who decides for them while they are away; empty: nobody was asked to
    stand_in  TEXT NOT NULL,
    person_id BIGINT REFERENCES people(id), -- who has approved; null: nobody yet
    at        BIGINT NOT NULL,              -- when; 0: not yet
    PRIMARY KEY (order_id, step)
);
