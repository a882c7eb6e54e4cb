-- +goose Up

-- Invoices as they were imported. Rows are only ever added. Days are numbers, as YYYYMMDD; amounts are in minor units of the currency.
CREATE TABLE invoices (
    id           {{.ID}},
    number       TEXT NOT NULL UNIQUE, -- the issuer's
    organization TEXT NOT NULL,        -- whose the billing account was when it was imported
    account      TEXT NOT NULL,        -- the billing account
    issued       BIGINT NOT NULL,
    due          BIGINT NOT NULL,
    currency     TEXT NOT NULL,
    net          BIGINT NOT NULL,
    vat          BIGINT NOT NULL,
    gross        BIGINT NOT NULL,
    pdf          TEXT NOT NULL,        -- the SHA-256 of its PDF, which is kept among the files under that key
    at           BIGINT NOT NULL
);
CREATE INDEX invoices_organization ON invoices (organization, issued, id);

-- Their consumption detail.
CREATE TABLE invoice_lines (
    invoice_id   BIGINT NOT NULL REFERENCES invoices(id),
    line         BIGINT NOT NULL, -- 1, 2, ...
    organization TEXT NOT NULL,   -- the invoice's, as the currency: consumption is summed by them
    currency     TEXT NOT NULL,
    service      TEXT NOT NULL,   -- its key in the catalog
    centre       TEXT NOT NULL,   -- the billing centre; empty: none
    quantity     BIGINT NOT NULL,
    unit_price   BIGINT NOT NULL,
    begins       BIGINT NOT NULL, -- the first day of the period
    ends         BIGINT NOT NULL, -- and the last
    vat_rate     BIGINT NOT NULL, -- in hundredths of a percent
    net          BIGINT NOT NULL,
    vat          BIGINT NOT NULL,
    PRIMARY KEY (invoice_id, line)
);
CREATE INDEX invoice_lines_consumed ON invoice_lines (organization, begins);

-- Tickets about a line of an invoice.
CREATE TABLE disputes (
    ticket_id  BIGINT PRIMARY KEY REFERENCES tickets(id),
    invoice_id BIGINT NOT NULL REFERENCES invoices(id),
    line       BIGINT NOT NULL
);
CREATE INDEX disputes_invoice ON disputes (invoice_id, ticket_id);
