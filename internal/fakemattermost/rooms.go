package fakemattermost

import (
	"encoding/json"
	"net/http"
	"slices"
)

// Channels that a bot makes, and pins. There is no recording of these: they answer as Mattermost's API reference says.

// ForbidChannels keeps making channels to the team's own people.
func (s *Server) ForbidChannels() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.noChannels = true
}

// ChannelNamed returns a channel by its name; nil: there is none.
func (s *Server) ChannelNamed(name string) *Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.named(name)
}

func (s *Server) named(name string) *Channel {
	for _, c := range s.channels {
		if c.Name == name {
			return c
		}
	}
	return nil
}

func (s *Server) createChannel(r *http.Request, user string) (any, error) {
	var c Channel
	var in struct {
		Name string `json:"name"`
		Type string `json:"type"`
		Team string `json:"team_id"`
	}
	if json.NewDecoder(r.Body).Decode(&in) != nil || in.Name == "" || in.Type != "O" && in.Type != "P" || in.Team == "" {
		return nil, refuse(400, "model.channel.is_valid.name.app_error", "Invalid channel name.")
	}
	if s.noChannels {
		return nil, refuse(403, "api.context.permissions.app_error", "You do not have the appropriate permissions.")
	}
	if s.named(in.Name) != nil {
		return nil, refuse(400, "store.sql_channel.save_channel.exists.app_error", "A channel with that name already exists on the same team.")
	}
	c = Channel{ID: ID(), Name: in.Name, Type: in.Type, Team: in.Team, Creator: user, Members: []string{user}}
	s.channels[c.ID] = &c
	return created{channelJSON(&c)}, nil
}

func (s *Server) channelNamed(user, name string) (any, error) {
	c := s.named(name)
	if c == nil || c.Type == "P" && !slices.Contains(c.Members, user) {
		return nil, refuse(404, "app.channel.get_by_name.missing.app_error", "Channel does not exist.")
	}
	return channelJSON(c), nil
}

func (s *Server) addMember(r *http.Request, user, id string) (any, error) {
	c, err := s.seen(user, id)
	if err != nil {
		return nil, err
	}
	var in struct {
		User string `json:"user_id"`
	}
	if json.NewDecoder(r.Body).Decode(&in) != nil || s.users[in.User] == nil {
		return nil, refuse(404, "app.user.missing_account.const", "Unable to find the user.")
	}
	if !slices.Contains(c.Members, in.User) {
		c.Members = append(c.Members, in.User)
	}
	return created{map[string]any{"channel_id": c.ID, "user_id": in.User, "roles": "channel_user"}}, nil
}

func (s *Server) pin(user, id string) (any, error) {
	p := s.posts[id]
	if p == nil || p.DeleteAt != 0 {
		return nil, refuse(404, "app.post.get.app_error", "Unable to get the post.")
	}
	if _, err := s.seen(user, p.ChannelID); err != nil {
		return nil, err
	}
	p.IsPinned = true
	return map[string]string{"status": "OK"}, nil
}
