-- Lists by filter, and home views: each along its index.

-- +goose Up

CREATE INDEX tickets_assignee ON tickets (assignee_id, active, id);
CREATE INDEX tickets_queue_state ON tickets (queue, state, id);
CREATE INDEX tickets_queue_service ON tickets (queue, service, active, id);
CREATE INDEX tickets_organization_service ON tickets (organization, service, active, id);
CREATE INDEX tickets_updated ON tickets (updated_at, id);
