-- +goose Up

-- Quotes for licenses: asked for by a ticket, offered by sales in it, and accepted as an order.
CREATE TABLE sales_quotes (
    ticket_id    BIGINT PRIMARY KEY REFERENCES tickets(id),
    organization TEXT NOT NULL,
    license      TEXT NOT NULL,
    quantity     BIGINT NOT NULL,
    price        BIGINT NOT NULL, -- of one, a month, net, in minor units; 0: nothing is offered yet
    currency     TEXT NOT NULL,
    source       TEXT NOT NULL, -- the workspace in which it was asked for
    account      TEXT NOT NULL, -- of whoever did, there
    valid_until  BIGINT NOT NULL, -- the last instant at which it can be accepted; 0: nothing is offered yet
    order_id     BIGINT REFERENCES orders(id) -- by which it was accepted; null: it was not
);
