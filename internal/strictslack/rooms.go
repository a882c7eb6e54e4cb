package strictslack

import (
	"context"
	"slices"
	"strings"
)

// createConversation makes a channel, which its maker is in.
func (s *Server) createConversation(ctx context.Context, q *request) (obj, error) {
	name := q.str("name")
	switch {
	case name == "":
		return nil, refuse("invalid_name_required")
	case len(name) > 80:
		return nil, refuse("invalid_name_maxlength")
	case strings.ToLower(name) != name || strings.ContainsAny(name, " .#@"):
		return nil, refuse("invalid_name_specials")
	}
	s.world.mu.Lock()
	taken := false
	for _, c := range s.world.channels {
		taken = taken || c.Name == name
	}
	s.world.mu.Unlock()
	if taken {
		return nil, refuse("name_taken")
	}
	answer, err := pass(s, ctx, q)
	if err != nil {
		return nil, err
	}
	made, _ := answer["channel"].(obj)
	private, _ := made["is_private"].(bool)
	s.world.meet(conversation{ID: text(made, "id"), Name: name, Private: private, Members: []string{s.up.Config.App.BotUserID}})
	return answer, nil
}

// invite brings people into a channel that the bot is in. local-slack has no such method: only we know of them.
func (s *Server) invite(ctx context.Context, q *request) (obj, error) {
	c, err := s.change(ctx, q.str("channel"))
	if err != nil {
		return nil, err
	}
	users := strings.Split(q.str("users"), ",")
	if users[0] == "" {
		return nil, refuse("no_user")
	}
	for _, u := range users {
		switch {
		case u == s.up.Config.App.BotUserID:
			return nil, refuse("cant_invite_self")
		case !s.world.knows(u):
			return nil, refuse("user_not_found")
		case s.world.isDisabled(u):
			return nil, refuse("cant_invite")
		case slices.Contains(c.Members, u):
			return nil, refuse("already_in_channel")
		}
	}
	c.Members = append(slices.Clone(c.Members), users...)
	s.world.meet(c)
	return obj{"ok": true, "channel": obj{"id": c.ID, "name": c.Name, "is_private": c.Private}}, nil
}

// pin pins a message in its channel.
func (s *Server) pin(ctx context.Context, q *request) (obj, error) {
	c, err := s.change(ctx, q.str("channel"))
	if err != nil {
		return nil, err
	}
	ts := q.str("timestamp")
	if ts == "" {
		return nil, refuse("no_item_specified")
	}
	if m := s.message(ctx, c.ID, ts); m == nil || text(m, "ephemeral_to") != "" {
		return nil, refuse("message_not_found")
	}
	if s.Pinned(c.ID, ts) {
		return nil, refuse("already_pinned")
	}
	set(s, &s.world.pinned, c.ID+" "+ts, true)
	return obj{"ok": true}, nil
}

// Pinned says whether a message is pinned.
func (s *Server) Pinned(channel, ts string) bool {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	return s.world.pinned[channel+" "+ts]
}

// ChannelNamed returns the id and the members of a channel, by its name.
func (s *Server) ChannelNamed(name string) (id string, members []string) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	for _, c := range s.world.channels {
		if c.Name == name {
			return c.ID, slices.Clone(c.Members)
		}
	}
	return "", nil
}
