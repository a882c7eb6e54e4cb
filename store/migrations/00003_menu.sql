-- What agents do from a ticket's menu.

-- +goose Up

-- By which the vendor of the service (EMM) knows the ticket.
ALTER TABLE tickets ADD COLUMN vendor_ref TEXT NOT NULL DEFAULT '';

-- Whom an act concerns beside its actor (the new assignee), and what its actor gave as a reason.
ALTER TABLE events ADD COLUMN whom_id BIGINT REFERENCES people(id);
ALTER TABLE events ADD COLUMN words TEXT NOT NULL DEFAULT '';
