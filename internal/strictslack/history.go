package strictslack

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// unlistedPage is what an app outside of the Marketplace may read at once.
const unlistedPage = 15

// history returns what stands in a conversation outside of threads, newest first. Which end a page
// begins at where only oldest is given is not documented any more [U]: who pages to the end gets
// all in any case.
func (s *Server) history(ctx context.Context, q *request) (obj, error) {
	c, err := s.enter(ctx, q.str("channel"))
	if err != nil {
		return nil, err
	}
	all := s.public(ctx, c.ID)
	within, err := span(q)
	if err != nil {
		return nil, err
	}
	var roots []any
	for _, m := range slices.Backward(all) {
		if text(m, "thread_ts") == "" && within(text(m, "ts")) {
			roots = append(roots, m)
		}
	}
	return s.messagePage(q, c, roots, all)
}

// replies returns a thread, oldest first, beginning with its root.
func (s *Server) replies(ctx context.Context, q *request) (obj, error) {
	c, err := s.enter(ctx, q.str("channel"))
	if err != nil {
		return nil, err
	}
	all := s.public(ctx, c.ID)
	within, err := span(q)
	if err != nil {
		return nil, err
	}
	root := q.str("ts")
	i := slices.IndexFunc(all, func(m obj) bool { return text(m, "ts") == root })
	if i < 0 {
		return nil, refuse("thread_not_found")
	}
	thread := []any{all[i]} // it comes whatever the span is [U]
	for _, m := range all {
		if text(m, "thread_ts") == root && within(text(m, "ts")) {
			thread = append(thread, m)
		}
	}
	return s.messagePage(q, c, thread, all)
}

// messagePage is a page of some messages, told among all of the conversation.
func (s *Server) messagePage(q *request, c conversation, some []any, all []obj) (obj, error) {
	usual := 100
	if s.o.rates != nil && s.o.rates.Unlisted {
		usual = unlistedPage
		if n, err := strconv.Atoi(q.str("limit")); err == nil && n > unlistedPage {
			q.args["limit"] = strconv.Itoa(unlistedPage)
		}
	}
	answer, err := s.page(q, obj{}, "messages", some, usual)
	if err != nil {
		return nil, err
	}
	page := slices.Clone(answer["messages"].([]any))
	for i := range page {
		page[i] = s.told(q, c, page[i].(obj), all)
	}
	answer["messages"] = page
	answer["has_more"] = text(answer, "response_metadata", "next_cursor") != ""
	return answer, nil
}

// public are the messages of a conversation that everybody in it sees, oldest first.
func (s *Server) public(ctx context.Context, channel string) []obj {
	return slices.DeleteFunc(s.messages(ctx, channel), func(m obj) bool { return text(m, "ephemeral_to") != "" })
}

// told is a message as Slack hands it out.
func (s *Server) told(q *request, c conversation, m obj, all []obj) obj {
	m = s.polish(m)
	delete(m, "channel")
	if q.flag("include_all_metadata") {
		if metadata := s.world.metadataOf(c.ID, text(m, "ts")); len(metadata) > 0 {
			m["metadata"] = metadata
		}
	}
	if root := text(m, "thread_ts"); root != "" {
		if i := slices.IndexFunc(all, func(m obj) bool { return text(m, "ts") == root }); i >= 0 {
			m["parent_user_id"] = all[i]["user"]
		}
		return m
	}
	users, replies, latest := []any{}, 0, ""
	for _, r := range all {
		if text(r, "thread_ts") != text(m, "ts") {
			continue
		}
		replies++
		latest = text(r, "ts")
		if !slices.Contains(users, r["user"]) {
			users = append(users, r["user"])
		}
	}
	if replies > 0 {
		m["thread_ts"], m["reply_count"], m["latest_reply"] = m["ts"], replies, latest
		m["reply_users"], m["reply_users_count"] = users, len(users)
	}
	return m
}

// polish makes a message of local-slack look like one of Slack: what a person wrote is escaped.
func (s *Server) polish(m obj) obj {
	if m == nil {
		return nil
	}
	m = maps.Clone(m)
	m["team"] = s.up.Config.Workspace.TeamID
	if text(m, "bot_id") == "" {
		m["text"] = s.escape(text(m, "text"))
	}
	return m
}

// span reads oldest, latest and inclusive.
func span(q *request) (func(ts string) bool, error) {
	oldest, okOldest := micros(cmp.Or(q.str("oldest"), "0"))
	latest, okLatest := micros(q.str("latest"))
	inclusive := q.flag("inclusive")
	switch {
	case !okOldest:
		return nil, refuse("invalid_ts_oldest")
	case !okLatest && q.str("latest") != "":
		return nil, refuse("invalid_ts_latest")
	}
	return func(ts string) bool {
		at, _ := micros(ts)
		if inclusive && (at == oldest || okLatest && at == latest) {
			return true
		}
		return at > oldest && (!okLatest || at < latest)
	}, nil
}

// micros are the microseconds of a time as Slack writes it.
func micros(ts string) (int64, bool) {
	seconds, fraction, _ := strings.Cut(ts, ".")
	if len(fraction) > 6 {
		return 0, false
	}
	fraction += strings.Repeat("0", 6-len(fraction))
	n, err := strconv.ParseInt(seconds, 10, 64)
	f, err2 := strconv.ParseUint(fraction, 10, 32)
	return n*1e6 + int64(f), err == nil && err2 == nil
}
