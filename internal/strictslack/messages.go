package strictslack

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"guichet/internal/slackrules"
)

// maxMetadata is what a message's metadata may hold, in bytes of JSON.
const maxMetadata = 8_000

func (s *Server) postMessage(ctx context.Context, q *request) (obj, error) {
	if err := s.direct(ctx, q); err != nil {
		return nil, err
	}
	c, err := s.change(ctx, q.str("channel"))
	if err != nil {
		return nil, err
	}
	if err := checkMessage(q, slackrules.Message); err != nil {
		return nil, err
	}
	metadata, err := q.metadata()
	if err != nil {
		return nil, err
	}
	args := maps.Clone(q.args)
	if root := q.str("thread_ts"); root != "" && !s.hasThread(ctx, c.ID, root) {
		delete(args, "thread_ts") // as Slack does below a deleted message: it stands in the channel
	}
	delete(args, "metadata")
	args["blocks"] = withIDs(args["blocks"])
	answer, err := s.forward(ctx, q.method, args)
	if err != nil {
		return nil, err
	}
	if metadata != nil {
		s.world.remember(c.ID, text(answer, "ts"), metadata)
	}
	return answer, nil
}

// direct puts a person's direct conversation in the place of the person.
func (s *Server) direct(ctx context.Context, q *request) error {
	user := q.str("channel")
	if !s.world.knows(user) {
		return nil
	}
	if s.world.isDisabled(user) {
		return refuse("channel_not_found")
	}
	answer, err := s.forward(ctx, "conversations.open", obj{"users": user})
	if err != nil {
		return err
	}
	q.args["channel"] = text(answer, "channel", "id")
	return nil
}

// hasThread says whether a message can be answered: it is there, or was and has answers.
func (s *Server) hasThread(ctx context.Context, channel, root string) bool {
	if m := s.message(ctx, channel, root); m != nil {
		return text(m, "ephemeral_to") == ""
	}
	return slices.ContainsFunc(s.messages(ctx, channel), func(m obj) bool { return text(m, "thread_ts") == root })
}

func (s *Server) postEphemeral(ctx context.Context, q *request) (obj, error) {
	c, err := s.change(ctx, q.str("channel"))
	if err != nil {
		return nil, err
	}
	user := q.str("user")
	switch {
	case user == "":
		return nil, &refusal{code: "invalid_arguments", messages: []string{"user: missing"}}
	case !s.world.knows(user):
		return nil, refuse("user_not_found")
	case !slices.Contains(c.Members, user):
		return nil, refuse("user_not_in_channel")
	}
	if err := checkMessage(q, slackrules.Message); err != nil {
		return nil, err
	}
	args := maps.Clone(q.args)
	args["blocks"] = withIDs(args["blocks"])
	return s.forward(ctx, q.method, args)
}

func (s *Server) updateMessage(ctx context.Context, q *request) (obj, error) {
	c, err := s.change(ctx, q.str("channel"))
	if err != nil {
		return nil, err
	}
	if err := s.own(ctx, q, c, "cant_update_message"); err != nil {
		return nil, err
	}
	if err := checkMessage(q, slackrules.Update); err != nil {
		return nil, err
	}
	metadata, err := q.metadata()
	if err != nil {
		return nil, err
	}
	args := maps.Clone(q.args)
	delete(args, "metadata")
	args["blocks"] = withIDs(args["blocks"])
	answer, err := s.forward(ctx, q.method, args)
	if err == nil && metadata != nil { // what is not given stays
		s.world.remember(c.ID, q.str("ts"), metadata)
	}
	return answer, err
}

func (s *Server) deleteMessage(ctx context.Context, q *request) (obj, error) {
	c, err := s.change(ctx, q.str("channel"))
	if err != nil {
		return nil, err
	}
	if err := s.own(ctx, q, c, "cant_delete_message"); err != nil {
		return nil, err
	}
	return s.forward(ctx, q.method, q.args)
}

// own wants a message to be the bot's, and one that everybody sees.
func (s *Server) own(ctx context.Context, q *request, c conversation, code string) error {
	ts := q.str("ts")
	if ts == "" {
		return refuse("bad_timestamp")
	}
	m := s.message(ctx, c.ID, ts)
	switch {
	case m == nil || text(m, "ephemeral_to") != "":
		return refuse("message_not_found")
	case text(m, "user") != s.up.Config.App.BotUserID:
		return refuse("%s", code)
	}
	return nil
}

func (s *Server) meMessage(ctx context.Context, q *request) (obj, error) {
	if _, err := s.change(ctx, q.str("channel")); err != nil {
		return nil, err
	}
	if q.str("text") == "" {
		return nil, refuse("no_text")
	}
	return s.forward(ctx, q.method, q.args)
}

// checkMessage holds a message against Slack's rules.
func checkMessage(q *request, rules func(map[string]any) []error) error {
	markdown := q.str("markdown_text")
	if markdown != "" {
		if q.args["text"] != nil || q.args["blocks"] != nil {
			return refuse("markdown_text_conflict")
		}
		if len([]rune(markdown)) > slackrules.MessageCharacters {
			return refuse("msg_too_long")
		}
		return nil
	}
	m := maps.Clone(q.args)
	for _, name := range []string{"blocks", "attachments"} {
		if list, ok := m[name].([]any); m[name] == nil || ok && len(list) == 0 {
			delete(m, name)
		}
	}
	return codeOf(rules(m))
}

// codeOf puts what is wrong with a message into Slack's words.
func codeOf(wrong []error) error {
	if len(wrong) == 0 {
		return nil
	}
	r := &refusal{code: "invalid_blocks"}
	for _, err := range wrong {
		r.messages = append(r.messages, "[ERROR] "+err.Error())
	}
	all := strings.Join(r.messages, "\n")
	for _, known := range []struct{ says, code string }{
		{"[ERROR] : must have one of", "no_text"},
		{"[ERROR] text: is a text of", "msg_too_long"},
		{"[ERROR] text: is ", "msg_too_long"},
		{"[ERROR] blocks: hold ", "msg_blocks_too_long"},
		{"[ERROR] attachments: is a list", "too_many_attachments"},
		{"[ERROR] attachments", "invalid_attachments"},
	} {
		// Blocks that are wrong in themselves come first.
		if strings.Contains(all, known.says) && !strings.Contains(all, "[ERROR] blocks[") {
			r.code = known.code
			break
		}
	}
	return r
}

// metadata checks the message's metadata and returns it, nil if there is none.
func (q *request) metadata() (obj, error) {
	v, there := q.args["metadata"]
	if !there {
		return nil, nil
	}
	m, ok := v.(obj)
	_, payload := m["event_payload"].(obj)
	if !ok || len(m) > 0 && (text(m, "event_type") == "" || !payload) {
		return nil, refuse("invalid_metadata_format")
	}
	if b, err := json.Marshal(m); err != nil || len(b) > maxMetadata {
		return nil, refuse("metadata_too_large")
	}
	return m, nil
}

// withIDs gives blocks and what is in them the ids that they lack, as Slack does.
func withIDs(v any) any {
	blocks, ok := v.([]any)
	if !ok {
		return v
	}
	named := []any{}
	for _, v := range blocks {
		b, ok := v.(obj)
		if !ok {
			named = append(named, v)
			continue
		}
		b = maps.Clone(b)
		if text(b, "block_id") == "" {
			b["block_id"] = random(5)
		}
		for _, part := range []string{"element", "accessory"} {
			if e, ok := b[part].(obj); ok {
				b[part] = withActionID(e)
			}
		}
		if es, ok := b["elements"].([]any); ok && b["type"] == "actions" {
			es = slices.Clone(es)
			for i := range es {
				if e, ok := es[i].(obj); ok {
					es[i] = withActionID(e)
				}
			}
			b["elements"] = es
		}
		named = append(named, b)
	}
	return named
}

func withActionID(e obj) obj {
	if text(e, "action_id") != "" || text(e, "type") == "image" {
		return e
	}
	e = maps.Clone(e)
	e["action_id"] = random(5)
	return e
}

var lastTS atomic.Int64

// newTS is a time as Slack writes it, each one later than the one before.
func newTS() string {
	for {
		last, now := lastTS.Load(), time.Now().UnixMicro()
		if now <= last {
			now = last + 1
		}
		if lastTS.CompareAndSwap(last, now) {
			return fmt.Sprintf("%d.%06d", now/1e6, now%1e6)
		}
	}
}
