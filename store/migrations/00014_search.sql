-- Search. What can be found are documents: each message with its ticket's subject, the subject by itself, and the subject with
-- the tags, which agents alone see. search.go writes them and tells how they are looked for; tickets that are there already get
-- theirs once this is done (search_fill.go), since taking words off their endings is not for SQL.

-- +goose Up

CREATE TABLE search (
    {{if .SQLite -}}
    place      INTEGER PRIMARY KEY, -- the ticket's number times 2^20, and so many more: the index gives documents by ticket
    {{end -}}
    ticket_id  BIGINT NOT NULL,
    message_id BIGINT NOT NULL, -- 0: the subject; -1: the tags
    words      TEXT NOT NULL,   -- as they are compared, with a space between each two
    desk       TEXT NOT NULL,   -- whose agents may read it
    others     TEXT NOT NULL,   -- who else may; empty: nobody, since it is internal
    {{- if .SQLite}}
    UNIQUE (ticket_id, message_id)
    {{else}}
    PRIMARY KEY (ticket_id, message_id)
    {{end -}}
);
{{if .SQLite}}
CREATE VIRTUAL TABLE search_index USING fts5(words, desk, others, content = 'search', content_rowid = 'place', tokenize = 'ascii',
    detail = none, columnsize = 0);
-- +goose StatementBegin
CREATE TRIGGER search_in AFTER INSERT ON search BEGIN
    INSERT INTO search_index (rowid, words, desk, others) VALUES (NEW.place, NEW.words, NEW.desk, NEW.others);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_out AFTER DELETE ON search BEGIN
    INSERT INTO search_index (search_index, rowid, words, desk, others) VALUES ('delete', OLD.place, OLD.words, OLD.desk, OLD.others);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_changed AFTER UPDATE ON search BEGIN
    INSERT INTO search_index (search_index, rowid, words, desk, others) VALUES ('delete', OLD.place, OLD.words, OLD.desk, OLD.others);
    INSERT INTO search_index (rowid, words, desk, others) VALUES (NEW.place, NEW.words, NEW.desk, NEW.others);
END;
-- +goose StatementEnd
{{else}}
-- The names of the blocks are not stored: they follow from the ticket's number. See searchBlocks.
-- +goose StatementBegin
CREATE FUNCTION search_terms(ticket BIGINT, words TEXT, desk TEXT, others TEXT) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
    SELECT array_to_tsvector(array_remove(string_to_array(words || ' ' || desk || ' ' || others, ' '), '') || ARRAY['=7:' || (ticket >> 7),
        '=10:' || (ticket >> 10), '=13:' || (ticket >> 13), '=16:' || (ticket >> 16), '=19:' || (ticket >> 19)])
$$;
-- +goose StatementEnd
CREATE INDEX search_index ON search USING GIN (search_terms(ticket_id, words, desk, others));
{{end}}
-- Who may read what of a ticket, in names that are no words.
CREATE VIEW search_scopes AS SELECT t.id AS ticket_id, '§q' || {{.Hex "t.queue"}} AS desk,
    '§o' || {{.Hex "t.organization"}} || ' §p' || t.requester_id || COALESCE((SELECT {{.Joined "' §p' || f.person_id"}} FROM followers f WHERE f.ticket_id = t.id), '') AS others
    FROM tickets t;

-- Whoever changes that, the documents follow.
{{- define "anew"}}
    UPDATE search SET desk = (SELECT s.desk FROM search_scopes s WHERE s.ticket_id = {{.}}),
        others = CASE WHEN others = '' THEN '' ELSE (SELECT s.others FROM search_scopes s WHERE s.ticket_id = {{.}}) END WHERE ticket_id = {{.}};
{{- end}}
{{if .SQLite}}
-- +goose StatementBegin
CREATE TRIGGER search_moved AFTER UPDATE OF queue, organization, requester_id ON tickets
WHEN (OLD.queue, OLD.organization, OLD.requester_id) <> (NEW.queue, NEW.organization, NEW.requester_id) BEGIN {{- template "anew" "NEW.id"}}
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_followed AFTER INSERT ON followers BEGIN {{- template "anew" "NEW.ticket_id"}}
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_followed_by AFTER UPDATE ON followers BEGIN {{- template "anew" "OLD.ticket_id"}} {{- template "anew" "NEW.ticket_id"}}
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_unfollowed AFTER DELETE ON followers BEGIN {{- template "anew" "OLD.ticket_id"}}
END;
-- +goose StatementEnd
{{else}}
-- +goose StatementBegin
CREATE FUNCTION search_moved() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN {{- template "anew" "NEW.id"}}
    RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION search_followed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN {{- template "anew" "OLD.ticket_id"}}
    END IF;
    IF TG_OP <> 'DELETE' THEN {{- template "anew" "NEW.ticket_id"}}
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER search_moved AFTER UPDATE OF queue, organization, requester_id ON tickets FOR EACH ROW
    WHEN ((OLD.queue, OLD.organization, OLD.requester_id) IS DISTINCT FROM (NEW.queue, NEW.organization, NEW.requester_id))
    EXECUTE FUNCTION search_moved();
CREATE TRIGGER search_followed AFTER INSERT OR UPDATE OR DELETE ON followers FOR EACH ROW EXECUTE FUNCTION search_followed();
{{end}}
-- Up to which ticket those that were there before have their documents; no row: all of them.
CREATE TABLE search_fill (ticket_id BIGINT NOT NULL);
INSERT INTO search_fill SELECT 0 WHERE EXISTS (SELECT 1 FROM tickets);
