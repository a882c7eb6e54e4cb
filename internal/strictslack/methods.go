package strictslack

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// method is one method of the Web API: how often it may be called, the scopes it needs, and what it
// does beyond what local-slack does.
type method struct {
	tier   int
	scopes []string
	handle func(s *Server, ctx context.Context, q *request) (obj, error)
}

// Scopes that several methods need; one of those between bars is enough.
var (
	anyRead    = []string{"channels:read|groups:read|im:read|mpim:read"}
	anyHistory = []string{"channels:history|groups:history|im:history|mpim:history"}
	write      = []string{"chat:write"}
)

// methods are all that there are, as far as local-slack or we know them.
var methods = map[string]method{
	"apps.connections.open": {noTier, nil, (*Server).connectionsOpen},
	"auth.test":             {noTier, nil, pass},
	"team.info":             {tier3, []string{"team:read"}, pass},
	"bots.info":             {tier3, []string{"users:read"}, pass},
	"emoji.list":            {tier2, []string{"emoji:read"}, pass},

	"chat.postMessage":   {ofChannel, write, (*Server).postMessage},
	"chat.postEphemeral": {tier4, write, (*Server).postEphemeral},
	"chat.update":        {tier3, write, (*Server).updateMessage},
	"chat.delete":        {tier3, write, (*Server).deleteMessage},
	"chat.meMessage":     {tier3, write, (*Server).meMessage},
	"chat.getPermalink":  {noTier, nil, entering},

	"conversations.list":    {tier2, anyRead, (*Server).listConversations},
	"conversations.info":    {tier3, anyRead, (*Server).conversationInfo},
	"conversations.members": {tier4, anyRead, (*Server).members},
	"conversations.history": {tier3, anyHistory, (*Server).history},
	"conversations.replies": {tier3, anyHistory, (*Server).replies},
	"conversations.open":    {tier3, []string{"im:write|mpim:write"}, (*Server).openConversation},
	"conversations.create":  {tier2, []string{"channels:manage|groups:write"}, (*Server).createConversation},
	"conversations.invite":  {tier3, []string{"channels:manage|groups:write"}, (*Server).invite},
	"pins.add":              {tier2, []string{"pins:write"}, (*Server).pin},

	"users.list":          {tier2, []string{"users:read"}, (*Server).listUsers},
	"users.getPresence":   {tier3, []string{"users:read"}, (*Server).presence},
	"users.info":          {tier4, []string{"users:read"}, (*Server).userInfo},
	"users.lookupByEmail": {tier3, []string{"users:read.email"}, (*Server).lookUpUser},
	"users.conversations": {tier3, anyRead, pass},

	"views.open":    {tier4, nil, (*Server).openView},
	"views.push":    {tier4, nil, (*Server).pushView},
	"views.update":  {tier4, nil, (*Server).updateView},
	"views.publish": {tier4, nil, (*Server).publishView},

	"reactions.add":    {tier3, []string{"reactions:write"}, (*Server).addReaction},
	"reactions.remove": {tier2, []string{"reactions:write"}, (*Server).removeReaction},

	"files.getUploadURLExternal":   {tier4, []string{"files:write"}, pass},
	"files.completeUploadExternal": {tier4, []string{"files:write"}, (*Server).completeUpload},
	"files.info":                   {tier4, []string{"files:read"}, pass},
	"files.list":                   {tier3, []string{"files:read"}, pass},
	"files.delete":                 {tier3, []string{"files:write"}, pass},
	"files.upload":                 {tier2, []string{"files:write"}, deprecated},
}

// pass is for methods of which local-slack knows enough.
func pass(s *Server, ctx context.Context, q *request) (obj, error) {
	return s.forward(ctx, q.method, q.args)
}

func deprecated(*Server, context.Context, *request) (obj, error) {
	return nil, refuse("method_deprecated")
}

// entering passes a call on if the bot is in its channel.
func entering(s *Server, ctx context.Context, q *request) (obj, error) {
	if _, err := s.enter(ctx, q.str("channel")); err != nil {
		return nil, err
	}
	return pass(s, ctx, q)
}

// reach finds a conversation that the bot may know of.
func (s *Server) reach(ctx context.Context, id string) (conversation, error) {
	if id == "" {
		return conversation{}, &refusal{code: "invalid_arguments", messages: []string{"channel: missing"}}
	}
	c, ok := s.conversation(ctx, id)
	if !ok || c.Private && !s.member(c) {
		return c, refuse("channel_not_found")
	}
	return c, nil
}

// enter finds a conversation that the bot is in.
func (s *Server) enter(ctx context.Context, id string) (conversation, error) {
	c, err := s.reach(ctx, id)
	if err == nil && !s.member(c) {
		err = refuse("not_in_channel")
	}
	return c, err
}

// change finds a conversation in which the bot may change something.
func (s *Server) change(ctx context.Context, id string) (conversation, error) {
	c, err := s.enter(ctx, id)
	if err == nil && s.isArchived(c.ID) {
		err = refuse("is_archived")
	}
	return c, err
}

func (s *Server) conversationInfo(ctx context.Context, q *request) (obj, error) {
	c, err := s.reach(ctx, q.str("channel"))
	if err != nil {
		return nil, err
	}
	answer, err := pass(s, ctx, q)
	if err != nil {
		return nil, err
	}
	s.describe(answer["channel"], c)
	if channel, ok := answer["channel"].(obj); ok && !q.flag("include_num_members") {
		delete(channel, "num_members")
	}
	return answer, nil
}

// describe corrects what local-slack says of a conversation.
func (s *Server) describe(v any, c conversation) {
	channel, ok := v.(obj)
	if !ok {
		return
	}
	channel["is_archived"] = s.isArchived(c.ID)
	channel["context_team_id"] = s.up.Config.Workspace.TeamID
	if !c.Direct {
		channel["is_member"] = s.member(c)
		return
	}
	// A direct conversation has a person instead of a name and members.
	delete(channel, "is_member")
	delete(channel, "name")
	for _, m := range c.Members {
		if m != s.up.Config.App.BotUserID {
			channel["user"] = m
		}
	}
}

func (s *Server) listConversations(ctx context.Context, q *request) (obj, error) {
	answer, err := pass(s, ctx, q)
	if err != nil {
		return nil, err
	}
	all, _ := answer["channels"].([]any)
	all = slices.DeleteFunc(all, func(v any) bool {
		m, _ := v.(obj)
		c, err := s.reach(ctx, text(m, "id"))
		s.describe(v, c)
		return err != nil
	})
	return s.page(q, answer, "channels", all, 100)
}

func (s *Server) members(ctx context.Context, q *request) (obj, error) {
	if _, err := s.reach(ctx, q.str("channel")); err != nil {
		return nil, err
	}
	answer, err := pass(s, ctx, q)
	if err != nil {
		return nil, err
	}
	all, _ := answer["members"].([]any)
	if c, _ := s.conversation(ctx, q.str("channel")); !s.member(c) {
		all = slices.DeleteFunc(all, func(v any) bool { return v == s.up.Config.App.BotUserID })
	}
	return s.page(q, answer, "members", all, 100)
}

func (s *Server) openConversation(ctx context.Context, q *request) (obj, error) {
	users := strings.Split(q.str("users"), ",")
	switch {
	case q.str("channel") != "":
		c, err := s.reach(ctx, q.str("channel"))
		return obj{"channel": obj{"id": c.ID}}, err
	case users[0] == "":
		return nil, refuse("users_list_not_supplied")
	case len(users) > 1:
		return nil, refuse("method_not_supported_for_channel_type") // the stand-in has no group messages
	case users[0] == s.up.Config.App.BotUserID:
		return nil, refuse("cannot_dm_bot")
	case !s.world.knows(users[0]):
		return nil, refuse("user_not_found")
	case s.world.isDisabled(users[0]):
		return nil, refuse("user_disabled")
	}
	return pass(s, ctx, q)
}

func (s *Server) listUsers(ctx context.Context, q *request) (obj, error) {
	answer, err := pass(s, ctx, q)
	if err != nil {
		return nil, err
	}
	all, _ := answer["members"].([]any)
	for _, u := range all {
		s.complete(q, u)
	}
	return s.page(q, answer, "members", all, 0)
}

func (s *Server) userInfo(ctx context.Context, q *request) (obj, error) {
	if !s.world.knows(q.str("user")) {
		return nil, refuse("user_not_found")
	}
	answer, err := pass(s, ctx, q)
	if err != nil {
		return nil, err
	}
	s.complete(q, answer["user"])
	return answer, nil
}

// presence is who is there: everybody, but for whom a test has sent away. local-slack does not know.
func (s *Server) presence(_ context.Context, q *request) (obj, error) {
	if !s.world.knows(q.str("user")) {
		return nil, refuse("user_not_found")
	}
	if s.world.isAway(q.str("user")) {
		return obj{"ok": true, "presence": "away"}, nil
	}
	return obj{"ok": true, "presence": "active"}, nil
}

func (s *Server) lookUpUser(ctx context.Context, q *request) (obj, error) {
	answer, err := pass(s, ctx, q)
	if err != nil {
		return nil, err
	}
	user, _ := answer["user"].(obj)
	if s.world.isDisabled(text(user, "id")) {
		return nil, refuse("users_not_found")
	}
	s.complete(q, user)
	return answer, nil
}

// complete adds to a person what local-slack does not know, and takes what the app may not.
func (s *Server) complete(q *request, v any) {
	user, ok := v.(obj)
	if !ok {
		return
	}
	user["deleted"] = s.world.isDisabled(text(user, "id"))
	if q.flag("include_locale") {
		user["locale"] = s.world.localeOf(text(user, "id"))
	}
	if profile, ok := user["profile"].(obj); ok && s.missing([]string{"users:read.email"}) != "" {
		delete(profile, "email")
	}
}

func (s *Server) addReaction(ctx context.Context, q *request) (obj, error) {
	return s.reaction(ctx, q, func(present bool) error {
		if present {
			return refuse("already_reacted")
		}
		return nil
	})
}

func (s *Server) removeReaction(ctx context.Context, q *request) (obj, error) {
	return s.reaction(ctx, q, func(present bool) error {
		if !present {
			return refuse("no_reaction")
		}
		return nil
	})
}

// reaction lets the bot react, and tells it so: Slack sends the bot's own reactions to it, too.
func (s *Server) reaction(ctx context.Context, q *request, check func(present bool) error) (obj, error) {
	c, err := s.change(ctx, q.str("channel"))
	if err != nil {
		return nil, err
	}
	ts, name, bot := q.str("timestamp"), q.str("name"), s.up.Config.App.BotUserID
	if ts == "" {
		return nil, refuse("no_item_specified")
	}
	m := s.message(ctx, c.ID, ts)
	if m == nil || text(m, "ephemeral_to") != "" {
		return nil, refuse("message_not_found")
	}
	if err := check(hasReaction(m, name, bot)); err != nil {
		return nil, err
	}
	answer, err := pass(s, ctx, q)
	if err != nil {
		return nil, err
	}
	kind := map[string]string{"reactions.add": "reaction_added", "reactions.remove": "reaction_removed"}[q.method]
	s.raise(obj{"type": kind, "user": bot, "reaction": name, "item_user": m["user"],
		"item": obj{"type": "message", "channel": c.ID, "ts": ts}, "event_ts": newTS()})
	return answer, nil
}

func hasReaction(m obj, name, user string) bool {
	all, _ := m["reactions"].([]any)
	return slices.ContainsFunc(all, func(v any) bool {
		r, _ := v.(obj)
		users, _ := r["users"].([]any)
		return text(r, "name") == name && slices.Contains(users, any(user))
	})
}

func (s *Server) completeUpload(ctx context.Context, q *request) (obj, error) {
	for id := range strings.SplitSeq(cmp.Or(q.str("channel_id"), q.str("channels")), ",") {
		if id == "" {
			continue // for nobody yet
		}
		if _, err := s.change(ctx, id); err != nil {
			return nil, err
		}
	}
	return pass(s, ctx, q)
}

// most is what any list is asked for at most.
const most = 1000

// page cuts the part out of a list that limit and cursor ask for. usual is the limit where none is
// given, 0 for no limit.
func (s *Server) page(q *request, answer obj, name string, all []any, usual int) (obj, error) {
	part, next, err := cut(q, all, usual)
	if err != nil {
		return nil, err
	}
	answer = maps.Clone(answer)
	answer[name] = part
	answer["response_metadata"] = obj{"next_cursor": next}
	return answer, nil
}

func cut(q *request, all []any, usual int) (part []any, next string, err error) {
	limit := usual
	if l := q.str("limit"); l != "" && l != "0" {
		n, err := strconv.Atoi(l)
		if err != nil || n < 1 || n > most {
			return nil, "", refuse("invalid_limit")
		}
		limit = n
	}
	from := 0
	if c := q.str("cursor"); c != "" {
		b, _ := base64.StdEncoding.DecodeString(c)
		if n, err := fmt.Sscanf(string(b), "next:%d", &from); n != 1 || err != nil || from < 0 || from > len(all) {
			return nil, "", refuse("invalid_cursor")
		}
	}
	to := len(all)
	if limit > 0 && from+limit < to {
		to = from + limit
		next = base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "next:%d", to))
	}
	if all == nil {
		all = []any{}
	}
	return all[from:to], next, nil
}
