package fakemattermost

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// createPost takes in a post of an API client.
func (s *Server) createPost(r *http.Request, user string) (any, error) {
	var p Post
	if json.NewDecoder(r.Body).Decode(&p) != nil {
		return nil, refuse(400, "api.context.invalid_body_param.app_error", "Invalid post.")
	}
	if old, ok := s.pending[p.PendingPostID]; ok && p.PendingPostID != "" && time.Since(old.at) < pendingFor {
		return created{public(s.posts[old.post])}, nil
	}
	made, err := s.add(user, p)
	if err != nil {
		return nil, err
	}
	if p.PendingPostID != "" {
		s.pending[p.PendingPostID] = pending{made.ID, time.Now()}
	}
	return created{public(made)}, nil
}

// add checks a post, keeps it and tells who is there.
func (s *Server) add(user string, p Post) (*Post, error) {
	c, err := s.seen(user, p.ChannelID)
	if err != nil {
		return nil, err
	}
	if err := valid(&p); err != nil {
		return nil, err
	}
	if p.RootID != "" {
		root := s.posts[p.RootID]
		switch {
		case root == nil, root.DeleteAt != 0, root.RootID != "":
			return nil, refuse(400, "api.post.create_post.root_id.app_error", "Invalid RootId parameter.")
		case root.ChannelID != p.ChannelID:
			return nil, refuse(400, "api.post.create_post.channel_root_id.app_error", "Invalid ChannelId for RootId parameter.")
		}
		root.ReplyCount++
	}
	made := &Post{ID: ID(), UserID: user, ChannelID: c.ID, RootID: p.RootID, Message: p.Message, Type: p.Type, Props: p.Props, Metadata: map[string]any{}}
	if made.Props == nil {
		made.Props = map[string]any{}
	}
	if s.users[user].Bot {
		made.Props["from_bot"] = "true"
	}
	for _, id := range p.FileIDs { // those of others are dropped without a word
		if f := s.files[id]; f != nil && f.UserID == user && f.PostID == "" && f.Channel == c.ID {
			f.PostID = made.ID
			made.FileIDs = append(made.FileIDs, id)
		}
	}
	made.CreateAt = s.now()
	made.UpdateAt = made.CreateAt
	s.posts[made.ID] = made
	s.announce("posted", c, made)
	return made, nil
}

func valid(p *Post) error {
	props, err := json.Marshal(p.Props)
	switch {
	case err != nil:
		return err
	case utf8.RuneCountInString(p.Message) > maxMessage:
		return refuse(400, "model.post.is_valid.msg.app_error", "Invalid message.")
	case utf8.RuneCount(props) > maxProps:
		return refuse(400, "model.post.is_valid.props.app_error", "Invalid props.")
	case len(p.FileIDs) > maxFiles:
		return refuse(400, "model.post.is_valid.file_ids.app_error", "Invalid file ids.")
	}
	return nil
}

var (
	mention        = regexp.MustCompile(`@([a-z0-9._-]+)`)
	channelMention = regexp.MustCompile(`~([a-z0-9_-]+)`)
)

// called are those whom a text rings: by name, or all.
func (s *Server) called(c *Channel, text string) (ids []string) {
	for _, m := range mention.FindAllStringSubmatch(text, -1) {
		name := strings.TrimRight(m[1], "._-")
		for _, id := range c.Members {
			if u := s.users[id]; u != nil && (u.Name == name || slices.Contains([]string{"all", "channel", "here"}, name)) && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// announce tells a channel's members of a post.
func (s *Server) announce(kind string, c *Channel, p *Post) {
	shown := public(p)
	text := eventPost(shown)
	data := map[string]any{"post": text}
	if kind == "posted" {
		data["channel_display_name"], data["channel_name"], data["channel_type"] = c.Name, c.Name, c.Type
		data["sender_name"], data["set_online"], data["team_id"] = "@"+s.users[p.UserID].Name, true, c.Team
		called := s.called(c, p.Message)
		if c.Type == "D" {
			called = slices.DeleteFunc(slices.Clone(c.Members), func(id string) bool { return id == p.UserID })
		}
		if len(called) > 0 {
			ids, err := json.Marshal(called)
			if err != nil {
				panic(err)
			}
			data["mentions"] = string(ids)
		}
	}
	s.lines.tell(c.Members, event{Event: kind, Data: data, Broadcast: broadcast{ChannelID: c.ID}})
}

// eventPost is a post as it stands in an event: JSON within JSON, with the parent_id of old.
func eventPost(p Post) string {
	b, err := json.Marshal(p)
	if err != nil {
		panic(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		panic(err)
	}
	m["parent_id"] = p.RootID
	if p.FileIDs == nil {
		delete(m, "file_ids")
	}
	if b, err = json.Marshal(m); err != nil {
		panic(err)
	}
	return string(b)
}

func (s *Server) patchPost(r *http.Request, user, id string) (any, error) {
	p := s.posts[id]
	var patch struct {
		Message *string         `json:"message"`
		Props   *map[string]any `json:"props"`
	}
	switch {
	case p == nil, p != nil && p.DeleteAt != 0:
		return nil, refuse(http.StatusNotFound, "app.post.get.app_error", "Unable to get the post.")
	case p.UserID != user:
		return nil, refuse(http.StatusForbidden, "api.context.permissions.app_error", "You do not have the appropriate permissions.")
	case json.NewDecoder(r.Body).Decode(&patch) != nil:
		return nil, refuse(400, "api.context.invalid_body_param.app_error", "Invalid post.")
	}
	changed := *p
	if patch.Message != nil {
		changed.Message = *patch.Message
	}
	if patch.Props != nil { // replaces them, with what it lacks: buttons that call nothing any more
		changed.Props = *patch.Props
	}
	if err := valid(&changed); err != nil {
		return nil, err
	}
	s.change(p, changed)
	return public(p), nil
}

// change puts another content into a post.
func (s *Server) change(p *Post, to Post) {
	if s.users[p.UserID].Bot {
		to.Props["from_bot"] = "true"
	}
	to.EditAt = s.now()
	to.UpdateAt = to.EditAt
	*p = to
	s.announce("post_edited", s.channels[p.ChannelID], p)
}

// remove deletes a post, with what is below it, in one event.
func (s *Server) remove(p *Post) {
	s.announce("post_deleted", s.channels[p.ChannelID], p)
	at := s.now()
	for _, below := range s.thread(p.ID) {
		below.DeleteAt = at
	}
	p.DeleteAt = at
}
