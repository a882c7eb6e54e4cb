package fakemattermost

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// route answers one call of the API.
func (s *Server) route(r *http.Request, user, path string) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	parts := strings.Split(strings.Trim(path, "/"), "/")
	at := func(i int) string {
		if i < len(parts) {
			return parts[i]
		}
		return ""
	}
	switch what := r.Method + " " + at(0); {
	case what == "GET users" && at(2) == "teams":
		some := []map[string]any{}
		for _, c := range s.channels {
			if slices.Contains(c.Members, user) && (c.Team == at(3) || c.Type == "D") {
				m := channelJSON(c)
				m["last_post_at"] = s.lastPost(c.ID)
				some = append(some, m)
			}
		}
		return some, nil
	case what == "GET users" && at(2) == "status": // not recorded: fields as in model.Status
		status := "online"
		if s.away[at(1)] {
			status = "away"
		}
		return map[string]any{"user_id": at(1), "status": status, "manual": false, "last_activity_at": s.now()}, nil
	case what == "GET users" && at(1) == "username": // not recorded: answers as users/{id} does
		for id, u := range s.users {
			if u.Name == at(2) {
				return s.getUser(user, id)
			}
		}
		return nil, refuse(404, "app.user.missing_account.const", "Unable to find the user.")
	case what == "GET users":
		return s.getUser(user, at(1))
	case what == "GET teams" && at(2) == "channels" && at(3) == "name":
		return s.channelNamed(user, at(4))
	case what == "GET teams" && at(2) == "members":
		if s.users[at(3)] == nil || !s.members[at(3)] {
			return nil, refuse(404, "app.team.get_member.missing.app_error", "Unable to get team member")
		}
		return map[string]any{"team_id": at(1), "user_id": at(3), "roles": "team_user", "delete_at": 0}, nil
	case what == "GET teams":
		if at(1) != s.team || !s.members[user] {
			return nil, refuse(403, "api.context.permissions.app_error", "You do not have the appropriate permissions.")
		}
		return map[string]any{"id": s.team, "name": s.teamName, "display_name": "Acme", "type": "O"}, nil
	case what == "POST users" && at(1) == "usernames": // not recorded: by the API reference
		var names []string
		if json.NewDecoder(r.Body).Decode(&names) != nil || len(names) == 0 {
			return nil, refuse(400, "api.context.invalid_body_param.app_error", "Invalid or missing usernames in request body.")
		}
		found := []map[string]any{}
		for _, u := range s.users {
			if slices.Contains(names, u.Name) {
				found = append(found, userJSON(u))
			}
		}
		return found, nil
	case what == "POST channels" && at(1) == "direct":
		var both []string
		if json.NewDecoder(r.Body).Decode(&both) != nil || len(both) != 2 || s.users[both[0]] == nil || s.users[both[1]] == nil {
			return nil, refuse(404, "app.user.missing_account.const", "Unable to find the user.")
		}
		c := s.direct(both[0], both[1])
		return created{channelJSON(c)}, nil
	case what == "POST channels" && at(1) == "":
		return s.createChannel(r, user)
	case what == "POST channels" && at(2) == "members":
		return s.addMember(r, user, at(1))
	case what == "POST posts" && at(2) == "pin":
		return s.pin(user, at(1))
	case what == "GET channels":
		return s.getChannel(r, user, at(1), at(2))
	case what == "POST posts" && at(1) == "ephemeral":
		return nil, refuse(403, "api.context.permissions.app_error", "You do not have the appropriate permissions.")
	case what == "POST posts":
		return s.createPost(r, user)
	case what == "PUT posts" && at(2) == "patch":
		return s.patchPost(r, user, at(1))
	case what == "GET posts", what == "DELETE posts":
		return s.onePost(r.Method, user, at(1), at(2))
	case what == "POST actions" && path == "/actions/dialogs/open":
		return s.openDialog(r)
	case what == "POST files":
		return s.upload(r, user)
	case what == "GET files":
		return s.getFile(user, at(1), at(2))
	case at(0) == "commands":
		return s.command(r, user, at(1))
	}
	return nil, refuse(404, "api.context.404.app_error", "Sorry, we could not find the page.")
}

func (s *Server) getUser(user, id string) (any, error) {
	if id == "me" {
		id = user
	}
	u := s.users[id]
	if u == nil {
		return nil, refuse(404, "app.user.missing_account.const", "Unable to find the user.")
	}
	return userJSON(u), nil
}

func userJSON(u *User) map[string]any {
	roles := "system_user"
	if u.Guest {
		roles = "system_guest"
	}
	m := map[string]any{"id": u.ID, "create_at": 1, "update_at": 1, "delete_at": 0, "username": u.Name, "auth_data": "", "auth_service": "",
		"email": u.Email, "nickname": "", "first_name": u.First, "last_name": u.Last, "position": "", "roles": roles, "locale": u.Locale,
		"timezone":              map[string]string{"automaticTimezone": "", "manualTimezone": "", "useAutomaticTimezone": "true"},
		"disable_welcome_email": false}
	if u.Bot {
		m["is_bot"] = true
	}
	return m
}

func channelJSON(c *Channel) map[string]any {
	return map[string]any{"id": c.ID, "name": c.Name, "display_name": c.Name, "type": c.Type, "team_id": c.Team, "creator_id": c.Creator, "delete_at": 0}
}

// seen is a channel, for one of its members.
func (s *Server) seen(user, id string) (*Channel, error) {
	c := s.channels[id]
	if c == nil {
		return nil, refuse(404, "app.channel.get.existing.app_error", "Unable to find the existing channel.")
	}
	if !slices.Contains(c.Members, user) && (c.Type != "O" || !s.members[user]) {
		return nil, refuse(403, "api.context.permissions.app_error", "You do not have the appropriate permissions.")
	}
	return c, nil
}

func (s *Server) getChannel(r *http.Request, user, id, what string) (any, error) {
	c, err := s.seen(user, id)
	if err != nil {
		return nil, err
	}
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	per, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
	per = min(max(per, 1), 200)
	switch what {
	case "members":
		some := []map[string]any{}
		for i := page * per; i < min(len(c.Members), (page+1)*per); i++ {
			some = append(some, map[string]any{"channel_id": c.ID, "user_id": c.Members[i], "roles": "channel_user"})
		}
		return some, nil
	case "posts":
		var ps []*Post
		since, _ := strconv.ParseInt(r.URL.Query().Get("since"), 10, 64)
		if since > 0 { // with edits and deletions, and 1000 at the most
			for _, p := range s.posts {
				if p.ChannelID == c.ID && max(p.UpdateAt, p.DeleteAt) > since && len(ps) < 1000 {
					ps = append(ps, p)
				}
			}
			return listOf(ps), nil
		}
		for _, p := range s.posts {
			if p.ChannelID == c.ID && p.DeleteAt == 0 {
				ps = append(ps, p)
			}
		}
		slices.SortFunc(ps, func(a, b *Post) int { return int(b.CreateAt - a.CreateAt) })
		return listOf(ps[min(len(ps), page*per):min(len(ps), (page+1)*per)]), nil
	}
	return channelJSON(c), nil
}

func listOf(ps []*Post) map[string]any {
	order, posts := []string{}, map[string]Post{}
	for _, p := range ps {
		order = append(order, p.ID)
		posts[p.ID] = public(p)
	}
	return map[string]any{"order": order, "posts": posts, "next_post_id": "", "prev_post_id": ""}
}

func (s *Server) onePost(method, user, id, what string) (any, error) {
	p := s.posts[id]
	if p == nil || p.DeleteAt != 0 {
		return nil, refuse(404, "app.post.get.app_error", "Unable to get the post.")
	}
	if _, err := s.seen(user, p.ChannelID); err != nil {
		return nil, err
	}
	switch {
	case method == http.MethodDelete && p.UserID != user:
		return nil, refuse(403, "api.context.permissions.app_error", "You do not have the appropriate permissions.")
	case method == http.MethodDelete:
		s.remove(p)
		return map[string]string{"status": "OK"}, nil
	case what == "thread":
		return listOf(s.thread(firstOf(p.RootID, p.ID))), nil
	case what == "files":
		infos := []*File{}
		for _, f := range p.FileIDs {
			infos = append(infos, s.files[f])
		}
		return infos, nil
	}
	return public(p), nil
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (s *Server) upload(r *http.Request, user string) (any, error) {
	channel, name := r.URL.Query().Get("channel_id"), r.URL.Query().Get("filename")
	var body io.Reader = r.Body
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		if err := r.ParseMultipartForm(64 << 20); err != nil {
			return nil, refuse(400, "api.file.upload_file.read_form_value.app_error", "Error reading the form.")
		}
		channel = r.FormValue("channel_id")
		f, header, err := r.FormFile("files")
		if err != nil {
			return nil, refuse(400, "api.file.upload_file.read_request.app_error", "Unable to upload file(s).")
		}
		defer f.Close()
		body, name = f, header.Filename
	}
	if _, err := s.seen(user, channel); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(body)
	if err != nil {
		return nil, refuse(400, "api.file.upload_file.read_request.app_error", "Unable to upload file(s).")
	}
	f := s.addFile(user, channel, name, data)
	return created{map[string]any{"file_infos": []*File{f}, "client_ids": []string{}}}, nil
}

func (s *Server) addFile(user, channel, name string, data []byte) *File {
	f := &File{ID: ID(), UserID: user, Channel: channel, Name: name, Size: int64(len(data)), Type: http.DetectContentType(data), Data: data}
	s.files[f.ID] = f
	return f
}

func (s *Server) getFile(user, id, what string) (any, error) {
	f := s.files[id]
	if f == nil {
		return nil, refuse(404, "app.file_info.get.app_error", "Unable to get the file info.")
	}
	if _, err := s.seen(user, f.Channel); err != nil {
		return nil, err
	}
	if what == "info" {
		return f, nil
	}
	return raw{f.Type, f.Data}, nil
}

// command makes, changes and lists slash commands, which takes an admin.
func (s *Server) command(r *http.Request, user, id string) (any, error) {
	if !s.admins[user] {
		return nil, refuse(403, "api.context.permissions.app_error", "You do not have the appropriate permissions.")
	}
	if r.Method == http.MethodGet {
		return s.commands, nil
	}
	var c Command
	if json.NewDecoder(r.Body).Decode(&c) != nil || c.Trigger == "" {
		return nil, refuse(400, "model.command.is_valid.trigger.app_error", "Invalid trigger.")
	}
	if r.Method == http.MethodPut {
		for _, old := range s.commands {
			if old.ID == id {
				old.URL = c.URL
				return old, nil
			}
		}
		return nil, refuse(404, "store.sql_command.get.missing.app_error", "Command does not exist.")
	}
	c.ID, c.Token = ID(), ID()
	s.commands = append(s.commands, &c)
	return created{&c}, nil
}
