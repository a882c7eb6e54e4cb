package strictslack

import (
	"cmp"
	"context"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
)

// happened takes in what local-slack sends. Events are ours from here on; the others wait for
// guichet's answer.
func (s *Server) happened(e upstreamEnvelope) {
	switch e.Type {
	case "events_api":
		// Before the acknowledgement: then whoever made a person act can wait for the event (Settle).
		if inner, ok := e.Payload["event"].(obj); ok && !s.isTold(inner) {
			s.raise(s.shape(inner))
		}
		s.socket.ack(e.ID, nil)
	case "slash_commands":
		s.spawn(func() { s.command(e) })
	case "interactive":
		s.spawn(func() { s.interaction(e) })
	default:
		s.socket.ack(e.ID, nil)
	}
}

// isTold says whether an event is about a change of the bot's own message, of which we are told anyhow.
func (s *Server) isTold(inner obj) bool {
	switch text(inner, "subtype") {
	case "message_changed", "message_deleted":
		return text(inner, "previous_message", "user") == s.up.Config.App.BotUserID
	}
	return false
}

// event is something that guichet is told of until it acknowledges that.
type event struct {
	id      string
	payload obj // with the envelope of the Events API
	what    string
	channel string
	user    string
	copies  int // that are sent at once
}

// raise has an event delivered, if the app is subscribed to it. It returns its id.
func (s *Server) raise(inner obj) string {
	if s.o.events != nil && !slices.Contains(s.o.events, subscription(inner)) {
		return ""
	}
	team, app := s.up.Config.Workspace.TeamID, s.up.Config.App
	e := event{id: "Ev" + random(10), what: text(inner, "type"), channel: channelOf(inner), user: text(inner, "user")}
	if sub := text(inner, "subtype"); sub != "" {
		e.what += "." + sub
	}
	e.payload = obj{"token": "verification-token", "team_id": team, "context_team_id": team, "context_enterprise_id": nil,
		"api_app_id": app.AppID, "event": inner, "type": "event_callback", "event_id": e.id, "event_time": time.Now().Unix(),
		"authorizations": []any{obj{"enterprise_id": nil, "team_id": team, "user_id": app.BotUserID, "is_bot": true,
			"is_enterprise_install": false}},
		"is_ext_shared_channel": false, "event_context": "4-" + random(20)}
	s.book.send(e.envelope())
	s.queue.add(e)
	return e.id
}

// subscription is the name by which an app asks for an event.
func subscription(inner obj) string {
	kind := text(inner, "type")
	if kind != "message" {
		return kind
	}
	if text(inner, "channel_type") == "app_home" {
		return "message.app_home"
	}
	return "message." + map[string]string{"im": "im", "mpim": "mpim", "group": "groups", "channel": "channels"}[text(inner, "channel_type")]
}

func channelOf(inner obj) string {
	return cmp.Or(text(inner, "channel"), cmp.Or(text(inner, "item", "channel"), text(inner, "channel_id")))
}

// shape makes an event of local-slack look like one of Slack.
func (s *Server) shape(inner obj) obj {
	inner = maps.Clone(inner)
	kind := text(inner, "type")
	if kind != "message" && kind != "app_mention" {
		return inner
	}
	c, _ := s.conversation(s.ctx, text(inner, "channel"))
	if kind == "message" {
		inner["channel_type"] = c.kind()
	}
	for _, name := range []string{"message", "previous_message"} {
		if m, ok := inner[name].(obj); ok {
			inner[name] = s.inEvent(c, m)
		}
	}
	switch text(inner, "subtype") {
	case "message_changed", "message_deleted":
		inner["hidden"] = true
		return inner
	}
	inner["client_msg_id"] = strings.ToLower(random(8) + "-" + random(4) + "-" + random(12))
	return s.inEvent(c, inner)
}

// inEvent is a message as it stands in an event.
func (s *Server) inEvent(c conversation, m obj) obj {
	m = s.polish(m)
	if root := text(m, "thread_ts"); root != "" && root != text(m, "ts") {
		if author := s.author(c.ID, root); author != "" {
			m["parent_user_id"] = author
		}
	}
	return m
}

// author is who wrote a message, empty if it is gone.
func (s *Server) author(channel, ts string) string {
	ctx, cancel := context.WithTimeout(s.ctx, showsIn)
	defer cancel()
	return text(s.message(ctx, channel, ts), "user")
}

// ownMessage sends the bot what it has written itself, as Slack does: a program that answers all
// that it hears must show it here.
func (s *Server) ownMessage(m obj) {
	if !s.isOwn(m) {
		return
	}
	c, _ := s.conversation(s.ctx, text(m, "channel"))
	inner := s.inEvent(c, m)
	inner["channel_type"], inner["event_ts"] = c.kind(), m["ts"]
	inner["bot_profile"] = obj{"id": m["bot_id"], "app_id": m["app_id"], "name": s.up.Config.App.BotName,
		"team_id": s.up.Config.Workspace.TeamID, "deleted": false}
	s.raise(inner)
}

func (s *Server) isOwn(m obj) bool {
	if text(m, "user") != s.up.Config.App.BotUserID || text(m, "ephemeral_to") != "" {
		return false
	}
	c, _ := s.conversation(s.ctx, text(m, "channel"))
	return s.member(c)
}

// ownUpdate likewise tells of a change. Of a reaction to it local-slack tells itself.
func (s *Server) ownUpdate(m, before obj) {
	if !s.isOwn(m) || reflect.DeepEqual(m["edited"], before["edited"]) {
		return
	}
	s.changed(m, obj{"subtype": "message_changed", "message": m, "previous_message": before})
}

func (s *Server) ownDelete(before obj) {
	if before != nil && s.isOwn(before) {
		s.changed(before, obj{"subtype": "message_deleted", "deleted_ts": before["ts"], "previous_message": before})
	}
}

func (s *Server) changed(m obj, inner obj) {
	ts := newTS()
	maps.Copy(inner, obj{"type": "message", "channel": m["channel"], "ts": ts, "event_ts": ts})
	s.raise(s.shape(inner))
}

// spoken finds in what a person typed what does not arrive as plain text: mentions, which
// local-slack's page writes as Slack does, then addresses.
var spoken = regexp.MustCompile(`<@[A-Z0-9]+(?:\|[^<>]*)?>|<#[A-Z0-9]+(?:\|[^<>]*)?>|https?://[^\s<>|]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+`)

var entities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// escape is a text as it arrives when a person types it.
func (s *Server) escape(typed string) string {
	var b strings.Builder
	from := 0
	for _, at := range spoken.FindAllStringIndex(typed, -1) {
		b.WriteString(entities.Replace(typed[from:at[0]]))
		b.WriteString(s.link(typed[at[0]:at[1]]))
		from = at[1]
	}
	b.WriteString(entities.Replace(typed[from:]))
	return b.String()
}

func (s *Server) link(found string) string {
	switch {
	case strings.HasPrefix(found, "<"):
		id, _, _ := strings.Cut(found[2:len(found)-1], "|")
		if s.world.knows(id) || s.world.hasChannel(id) {
			return found
		}
		return entities.Replace(found)
	case strings.HasPrefix(found, "http"):
		url := strings.TrimRight(found, `.,;:!?)'"`)
		return "<" + entities.Replace(url) + ">" + entities.Replace(found[len(url):])
	}
	return "<mailto:" + found + "|" + found + ">"
}

func (w *world) hasChannel(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, ok := w.channels[id]
	return ok
}
