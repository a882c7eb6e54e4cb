package fakemattermost

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Say has somebody write, in a channel or below a post of it, and returns the post.
func (s *Server) Say(user, channel, root, text string, files ...string) (Post, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.add(user, Post{ChannelID: channel, RootID: root, Message: text, FileIDs: files})
	if err != nil {
		return Post{}, err
	}
	return public(p), nil
}

// SetAway sends somebody away, or has them come back.
func (s *Server) SetAway(user string, away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away == nil {
		s.away = map[string]bool{}
	}
	s.away[user] = away
}

// Direct is the channel in which somebody talks with the bot.
func (s *Server) Direct(user string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.direct(user, s.Bot).ID
}

// Edit has the author change a post.
func (s *Server) Edit(post, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.posts[post]
	to := *p
	to.Message = text
	s.change(p, to)
}

// Remove has the author delete a post.
func (s *Server) Remove(post string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(s.posts[post])
}

// React has somebody put an emoji on a post, or take it off.
func (s *Server) React(user, post, emoji string, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.posts[post]
	kind := "reaction_added"
	if !on {
		kind = "reaction_removed"
	}
	at := s.now()
	b, err := json.Marshal(map[string]any{"user_id": user, "post_id": post, "emoji_name": emoji, "create_at": at, "update_at": at, "delete_at": 0, "remote_id": ""})
	if err != nil {
		panic(err)
	}
	s.lines.tell(s.channels[p.ChannelID].Members, event{Event: kind, Data: map[string]any{"reaction": string(b)}, Broadcast: broadcast{ChannelID: p.ChannelID}})
}

// Upload has somebody upload a file, for a post that follows.
func (s *Server) Upload(user, channel, name string, data []byte) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addFile(user, channel, name, data).ID
}

// FileData is what a file holds.
func (s *Server) FileData(id string) (name string, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.files[id].Name, s.files[id].Data
}

// Posts are what a channel shows, oldest first.
func (s *Server) Posts(channel string) (ps []Post) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.posts {
		if p.ChannelID == channel && p.DeleteAt == 0 {
			ps = append(ps, public(p))
		}
	}
	slices.SortFunc(ps, func(a, b Post) int { return int(a.CreateAt - b.CreateAt) })
	return ps
}

// Offers is what its buttons and the entries of its menus say.
func (p Post) Offers() (all []string) {
	for _, a := range actionsOf(&p) {
		if len(a.Options) == 0 {
			all = append(all, a.Name)
		}
		for _, o := range a.Options {
			all = append(all, o.Text)
		}
	}
	return all
}

// Shown is all that a post shows, as it is typed: without Markdown's own marks.
func (p Post) Shown() string {
	parts := []string{p.Message}
	b, err := json.Marshal(p.Props["attachments"])
	if err != nil {
		panic(err)
	}
	var all []struct {
		Title, Text, Footer, Pretext string
		Fields                       []struct{ Title, Value string }
		Actions                      []action
	}
	_ = json.Unmarshal(b, &all)
	for _, a := range all {
		parts = append(parts, a.Pretext, a.Title, a.Text)
		for _, f := range a.Fields {
			parts = append(parts, f.Title+" "+f.Value)
		}
		parts = append(parts, a.Footer)
		for _, x := range a.Actions {
			parts = append(parts, x.Name)
			for _, o := range x.Options {
				parts = append(parts, o.Text)
			}
		}
	}
	text := unescape.ReplaceAllString(strings.Join(parts, "\n"), "$1")
	return strings.NewReplacer("**", "", "\u2060", "", "\u00a0", " ").Replace(text)
}

// unescape are the characters that the server's own Markdown lets be escaped.
var unescape = regexp.MustCompile("\\\\([\\\\`*{}\\[\\]()#+\\-.!_>~|])")

// Typed is what the server sends when somebody types a slash command.
type Typed struct {
	URL  string
	Form url.Values
}

// CommandRequest is what the server would send now.
func (s *Server) CommandRequest(user, channel, command, text string) Typed {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.commands, func(c *Command) bool { return "/"+c.Trigger == command })
	if i < 0 {
		return Typed{}
	}
	cmd, c := s.commands[i], s.channels[channel]
	form := url.Values{"token": {cmd.Token}, "team_id": {s.team}, "team_domain": {s.teamName}, "channel_id": {channel}, "channel_name": {c.Name},
		"user_id": {user}, "user_name": {s.users[user].Name}, "command": {command}, "text": {text}, "trigger_id": {s.trigger(user, channel)},
		"response_url": {s.URL + "/hooks/commands/" + ID()}}
	for _, m := range mention.FindAllStringSubmatch(text, -1) {
		for id, u := range s.users {
			if u.Name == m[1] {
				form.Add("user_mentions", u.Name)
				form.Add("user_mentions_ids", id)
			}
		}
	}
	for _, m := range channelMention.FindAllStringSubmatch(text, -1) {
		for id, c := range s.channels {
			if c.Name == m[1] {
				form.Add("channel_mentions", c.Name)
				form.Add("channel_mentions_ids", id)
			}
		}
	}
	return Typed{cmd.URL, form}
}

func (t Typed) request() (*http.Request, error) {
	if t.URL == "" {
		return nil, errors.New("there is no such command")
	}
	req, err := http.NewRequest(http.MethodPost, t.URL, strings.NewReader(t.Form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Token "+t.Form.Get("token"))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	return req, nil
}

// Type has somebody type a slash command and returns the answer for them alone, if there is one.
func (s *Server) Type(user, channel, command, text string) (Post, error) {
	typed := s.CommandRequest(user, channel, command, text)
	req, err := typed.request()
	if err != nil {
		return Post{}, err
	}
	body, err := s.call(req)
	if err != nil {
		return Post{}, err
	}
	var answer struct {
		ResponseType string `json:"response_type"`
		Text         string `json:"text"`
		Attachments  any    `json:"attachments"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return Post{}, fmt.Errorf("the command's answer: %w", err)
	}
	if answer.ResponseType == "in_channel" {
		return Post{}, errors.New("the command posts as the person")
	}
	p := &Post{ID: ID(), ChannelID: channel, UserID: user, Type: "system_ephemeral", Message: answer.Text, Props: map[string]any{}}
	if answer.Attachments != nil {
		p.Props["attachments"] = answer.Attachments
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.private[p.ID] = p
	return public(p), nil
}

func (s *Server) trigger(user, channel string) string {
	id := ID() + ID()
	s.triggers[id] = trigger{user, channel, time.Now()}
	return id
}

// call calls an integration.
func (s *Server) call(req *http.Request) ([]byte, error) {
	req.Header.Set("User-Agent", "Mattermost-Bot/1.1")
	r, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	switch {
	case err != nil:
		return nil, err
	case r.StatusCode != http.StatusOK:
		return nil, refuse(400, "api.post.do_action.action_integration.app_error", fmt.Sprintf("Action integration error. status=%d", r.StatusCode))
	case len(body) == 0:
		return nil, refuse(400, "api.post.do_action.action_integration.app_error", "Action integration error. err=EOF")
	}
	return body, nil
}

// actionID is what can be clicked: with any other id every click is a 404.
var actionID = regexp.MustCompile(`^[A-Za-z0-9]+$`)

// Press has somebody press a button, or choose from a menu, by what it says. It returns what they are told
// below the card.
func (s *Server) Press(user, post, says string) (told string, err error) {
	s.mu.Lock()
	p := s.posts[post]
	if p == nil {
		p = s.private[post]
	}
	body, address, err := s.press(user, p, says)
	s.mu.Unlock()
	if err != nil {
		return "", err
	}
	return s.PressWith(post, address, body)
}

// press builds what the server sends when something is pressed.
func (s *Server) press(user string, p *Post, says string) (body map[string]any, address string, err error) {
	if p == nil {
		return nil, "", errors.New("there is no such post")
	}
	c := s.channels[p.ChannelID]
	for _, a := range actionsOf(p) {
		kind, chosen := "button", ""
		for _, o := range a.Options {
			if o.Text == says {
				kind, chosen = "select", o.Value
			}
		}
		if a.Name != says && chosen == "" {
			continue
		}
		if !actionID.MatchString(a.ID) || a.Integration == nil {
			return nil, "", refusal{Status: 404, ID: "api.context.404.app_error", Message: "Sorry, we could not find the page."}
		}
		context := map[string]any{}
		for k, v := range a.Integration.Context {
			context[k] = v
		}
		if chosen != "" {
			context["selected_option"] = chosen
		}
		team := s.team
		if c.Type == "D" {
			team = ""
		}
		return map[string]any{"user_id": user, "user_name": s.users[user].Name, "channel_id": c.ID, "channel_name": c.Name, "team_id": team,
			"team_domain": s.teamName, "post_id": p.ID, "trigger_id": s.trigger(user, c.ID), "type": kind, "data_source": "", "context": context}, a.Integration.URL, nil
	}
	return nil, "", fmt.Errorf("the post has no %q", says)
}

// Request is what the server would send if somebody pressed a button now, and where to: for forgeries.
func (s *Server) Request(user, post, says string) (body map[string]any, address string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.posts[post]
	if p == nil {
		p = s.private[post]
	}
	return s.press(user, p, says)
}

// PressWith sends a press and takes in its answer.
func (s *Server) PressWith(post, address string, body map[string]any) (told string, err error) {
	b, err := json.Marshal(body)
	if err != nil {
		return "", err
	}
	req, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(b))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	got, err := s.call(req)
	if err != nil {
		return "", err
	}
	var answer struct {
		Update *struct {
			Message string         `json:"message"`
			Props   map[string]any `json:"props"`
		} `json:"update"`
		Told string `json:"ephemeral_text"`
	}
	if err := json.Unmarshal(got, &answer); err != nil {
		return "", refuse(400, "api.post.do_action.action_integration.app_error", "Action integration error. "+err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.posts[post]; p != nil && answer.Update != nil {
		to := *p
		to.Message = answer.Update.Message
		if answer.Update.Props != nil {
			to.Props = answer.Update.Props
		}
		s.change(p, to)
	}
	return answer.Told, nil
}
