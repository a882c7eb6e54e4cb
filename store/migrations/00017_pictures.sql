-- Pictures of statistics: what was uploaded for a delivery and may not be shared yet. (What is uploaded of a ticket's
-- file is in uploads: it is looked up again, should its message be deleted.)

-- +goose Up

ALTER TABLE outbox ADD COLUMN upload TEXT NOT NULL DEFAULT '';
ALTER TABLE parked ADD COLUMN upload TEXT NOT NULL DEFAULT '';
