package strictslack

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"sync"
)

// world is what we know of the workspace: what local-slack told, and what only tests know of it.
type world struct {
	mu       sync.Mutex
	users    map[string]bool
	channels map[string]conversation
	messages map[string]map[string]obj // by channel and ts
	metadata map[string]map[string]obj // likewise

	archived map[string]bool
	removed  map[string]bool // channels that the bot was taken out of
	disabled map[string]bool // users
	locale   map[string]string
	away     map[string]bool // users
	pinned   map[string]bool // messages, by channel and ts
}

// conversation is a channel or a direct conversation.
type conversation struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Private bool     `json:"is_private"`
	Direct  bool     `json:"is_im"`
	Members []string `json:"members"`
}

// kind is Slack's name for a sort of conversation in events.
func (c conversation) kind() string {
	switch {
	case c.Direct:
		return "im"
	case c.Private:
		return "group"
	}
	return "channel"
}

// shown is the name by which a conversation goes in commands and interactions.
func (c conversation) shown() string {
	switch {
	case c.Direct:
		return "directmessage"
	case c.Private:
		return "privategroup"
	}
	return c.Name
}

// fill begins anew with all that local-slack has.
func (w *world) fill(t told) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.users, w.channels = map[string]bool{}, map[string]conversation{}
	w.messages, w.metadata = map[string]map[string]obj{}, map[string]map[string]obj{}
	for _, u := range t.State.Users {
		w.users[text(u, "id")] = true
	}
	for _, c := range t.State.Channels {
		w.channels[c.ID] = c
	}
	for channel, all := range t.State.Messages {
		for _, m := range all {
			put(w.messages, channel, text(m, "ts"), m)
		}
	}
}

func put(m map[string]map[string]obj, channel, ts string, v obj) {
	if m[channel] == nil {
		m[channel] = map[string]obj{}
	}
	m[channel][ts] = v
}

func (w *world) meet(c conversation) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.channels[c.ID] = c
}

// keep remembers a message and returns what stood there before.
func (w *world) keep(m obj) (before obj) {
	w.mu.Lock()
	defer w.mu.Unlock()
	channel, ts := text(m, "channel"), text(m, "ts")
	before = w.messages[channel][ts]
	put(w.messages, channel, ts, m)
	return before
}

func (w *world) forget(channel, ts string) (before obj) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before = w.messages[channel][ts]
	delete(w.messages[channel], ts)
	return before
}

// remember keeps a message's metadata, which local-slack drops.
func (w *world) remember(channel, ts string, metadata obj) {
	w.mu.Lock()
	defer w.mu.Unlock()
	put(w.metadata, channel, ts, metadata)
}

func (w *world) metadataOf(channel, ts string) obj {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.metadata[channel][ts]
}

func (w *world) knows(user string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.users[user]
}

func (w *world) isDisabled(user string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.disabled[user]
}

func (w *world) isAway(user string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.away[user]
}

func (w *world) localeOf(user string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if l := w.locale[user]; l != "" {
		return l
	}
	return "en-US"
}

// conversation finds a conversation, by its id or by a person's direct one.
func (s *Server) conversation(ctx context.Context, id string) (c conversation, ok bool) {
	for range 2 {
		s.world.mu.Lock()
		c, ok = s.world.channels[id]
		s.world.mu.Unlock()
		if ok {
			return c, true
		}
		// What we are told lags a little behind: ask.
		var state struct {
			Channels []conversation `json:"channels"`
		}
		text, err := s.fetch(ctx, http.MethodGet, "/_control/state", nil)
		if err != nil || json.Unmarshal(text, &state) != nil {
			return c, false
		}
		for _, c := range state.Channels {
			s.world.meet(c)
		}
	}
	return c, false
}

// member says whether the bot is in a conversation.
func (s *Server) member(c conversation) bool {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	return slices.Contains(c.Members, s.up.Config.App.BotUserID) && !s.world.removed[c.ID]
}

func (s *Server) isArchived(channel string) bool {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	return s.world.archived[channel]
}

// message finds a message, nil if there is none.
func (s *Server) message(ctx context.Context, channel, ts string) obj {
	s.world.mu.Lock()
	m := s.world.messages[channel][ts]
	s.world.mu.Unlock()
	if m != nil {
		return m
	}
	for _, m := range s.messages(ctx, channel) {
		if text(m, "ts") == ts {
			return m
		}
	}
	return nil
}

// messages are all of a conversation, oldest first, with what only one person sees.
func (s *Server) messages(ctx context.Context, channel string) []obj {
	var all struct {
		Messages []obj `json:"messages"`
	}
	text, err := s.fetch(ctx, http.MethodGet, "/_control/messages/"+url.PathEscape(channel), nil)
	if err != nil || json.Unmarshal([]byte(s.rename.Replace(string(text))), &all) != nil {
		return nil
	}
	return all.Messages
}

// set changes one of the facts that only tests know.
func set[V comparable](s *Server, facts *map[string]V, key string, value V) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if *facts == nil {
		*facts = map[string]V{}
	}
	if reflect.ValueOf(value).IsZero() {
		delete(*facts, key)
		return
	}
	(*facts)[key] = value
}

// SetArchived archives a channel, or brings it back.
func (s *Server) SetArchived(channel string, archived bool) {
	set(s, &s.world.archived, channel, archived)
}

// SetMember takes the bot out of a channel, or puts it back into one that it was in.
func (s *Server) SetMember(channel string, member bool) { set(s, &s.world.removed, channel, !member) }

// SetDeactivated deactivates a person's account, or activates it again.
func (s *Server) SetDeactivated(user string, deactivated bool) {
	set(s, &s.world.disabled, user, deactivated)
}

// SetLocale sets a person's language, as in "fr-FR"; it is "en-US" else.
func (s *Server) SetLocale(user, locale string) { set(s, &s.world.locale, user, locale) }

// SetAway sends a person away, or has them come back.
func (s *Server) SetAway(user string, away bool) { set(s, &s.world.away, user, away) }
