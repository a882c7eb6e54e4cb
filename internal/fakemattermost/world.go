// Package fakemattermost is a Mattermost server for tests, as far as guichet uses one: it answers what a real
// server of the 5.37 line was recorded to answer (testdata), and enforces what that one enforces. It can't be
// had here, so it is held against its recordings.
package fakemattermost

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Version is the server's, as its hello tells it.
const Version = "5.37.0.dev.f0892dab2100601bd73d4a3e3ca3c912.false"

// User is an account.
type User struct {
	ID, Name, First, Last, Locale, Email string
	Bot                                  bool
	Guest                                bool
}

// Channel is a channel. Its type is O (open), P (private) or D (direct).
type Channel struct {
	ID, Name, Type, Team, Creator string
	Members                       []string
}

// Post is a message, with the fields of the recordings.
type Post struct {
	ID            string         `json:"id"`
	CreateAt      int64          `json:"create_at"`
	UpdateAt      int64          `json:"update_at"`
	EditAt        int64          `json:"edit_at"`
	DeleteAt      int64          `json:"delete_at"`
	IsPinned      bool           `json:"is_pinned"`
	UserID        string         `json:"user_id"`
	ChannelID     string         `json:"channel_id"`
	RootID        string         `json:"root_id"`
	OriginalID    string         `json:"original_id"`
	Message       string         `json:"message"`
	Type          string         `json:"type"`
	Props         map[string]any `json:"props"`
	Hashtags      string         `json:"hashtags"`
	FileIDs       []string       `json:"file_ids"`
	PendingPostID string         `json:"pending_post_id"`
	ReplyCount    int            `json:"reply_count"`
	LastReplyAt   int64          `json:"last_reply_at"`
	Participants  []any          `json:"participants"`
	Metadata      map[string]any `json:"metadata"`
}

// File is an uploaded file.
type File struct {
	ID      string `json:"id"`
	UserID  string `json:"user_id"`
	PostID  string `json:"post_id,omitempty"`
	Channel string `json:"channel_id"`
	Name    string `json:"name"`
	Size    int64  `json:"size"`
	Type    string `json:"mime_type"`
	Data    []byte `json:"-"`
}

// Command is a slash command of a team.
type Command struct {
	ID      string `json:"id"`
	Token   string `json:"token"`
	TeamID  string `json:"team_id"`
	Trigger string `json:"trigger"`
	URL     string `json:"url"`
	Method  string `json:"method"`
}

// Dialog is one that was opened for somebody.
type Dialog struct {
	URL    string `json:"url"`
	Dialog struct {
		CallbackID   string `json:"callback_id"`
		Title        string `json:"title"`
		Introduction string `json:"introduction_text"`
		Elements     []struct {
			DisplayName string `json:"display_name"`
			Name        string `json:"name"`
			Type        string `json:"type"`
			Default     string `json:"default"`
			HelpText    string `json:"help_text"`
			Placeholder string `json:"placeholder"`
			Optional    bool   `json:"optional"`
			MaxLength   int    `json:"max_length"`
			DataSource  string `json:"data_source"`
			Options     []struct {
				Text  string `json:"text"`
				Value string `json:"value"`
			} `json:"options"`
		} `json:"elements"`
		SubmitLabel string `json:"submit_label"`
		State       string `json:"state"`
	} `json:"dialog"`
	Channel string `json:"-"` // in which it was opened
}

// world is what the server knows.
type world struct {
	mu         sync.Mutex
	team       string
	teamName   string
	users      map[string]*User
	members    map[string]bool // of the team
	away       map[string]bool // users who are not there
	tokens     map[string]string
	admins     map[string]bool
	noChannels bool // see ForbidChannels
	channels   map[string]*Channel
	posts      map[string]*Post
	pending    map[string]pending // a post by its pending id
	files      map[string]*File
	commands   []*Command
	triggers   map[string]trigger
	dialogs    map[string][]Dialog // by person
	private    map[string]*Post    // answers for one person alone
	last       int64               // time of the last post
}

type pending struct {
	post string
	at   time.Time
}

type trigger struct {
	person, channel string
	at              time.Time
}

// ID makes an id as the server does.
func ID() string {
	const letters = "ybndrfg8ejkmcpqxot1uwisza345h769"
	b := make([]byte, 26)
	for i := range b {
		b[i] = letters[rand.N(len(letters))]
	}
	return string(b)
}

// now is the time in milliseconds, later for each post than for the one before.
func (w *world) now() int64 {
	w.last = max(w.last+1, time.Now().UnixMilli())
	return w.last
}

// public is a post as clients get it: what its buttons call is never told.
func public(p *Post) Post {
	shown := *p
	shown.Props = map[string]any{}
	maps.Copy(shown.Props, p.Props)
	if as, ok := p.Props["attachments"]; ok {
		shown.Props["attachments"] = withoutIntegration(as)
		shown.Metadata = map[string]any{"embeds": []any{map[string]any{"type": "message_attachment"}}}
	}
	return shown
}

func withoutIntegration(attachments any) any {
	b, err := json.Marshal(attachments)
	if err != nil {
		panic(err)
	}
	var all []map[string]any
	if json.Unmarshal(b, &all) != nil {
		return attachments
	}
	for _, a := range all {
		actions, _ := a["actions"].([]any)
		for _, action := range actions {
			if m, ok := action.(map[string]any); ok {
				delete(m, "integration")
			}
		}
	}
	return all
}

// action is a button or a menu, as it was posted.
type action struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Type    string `json:"type"`
	Options []struct {
		Text  string `json:"text"`
		Value string `json:"value"`
	} `json:"options"`
	Integration *struct {
		URL     string         `json:"url"`
		Context map[string]any `json:"context"`
	} `json:"integration"`
}

// actionsOf are the buttons and menus of a post.
func actionsOf(p *Post) []action {
	b, err := json.Marshal(p.Props["attachments"])
	if err != nil {
		panic(err)
	}
	var all []struct {
		Actions []action `json:"actions"`
	}
	_ = json.Unmarshal(b, &all) // what is no attachment has none
	var as []action
	for _, a := range all {
		as = append(as, a.Actions...)
	}
	return as
}

// direct is the channel of two people.
func (w *world) direct(a, b string) *Channel {
	names := []string{a, b}
	slices.Sort(names)
	name := names[0] + "__" + names[1]
	for _, c := range w.channels {
		if c.Name == name {
			return c
		}
	}
	c := &Channel{ID: ID(), Name: name, Type: "D", Members: names}
	w.channels[c.ID] = c
	return c
}

func (w *world) lastPost(channel string) (at int64) {
	for _, p := range w.posts {
		if p.ChannelID == channel {
			at = max(at, p.CreateAt)
		}
	}
	return at
}

// thread are a root and what is below it, oldest first.
func (w *world) thread(root string) (ps []*Post) {
	for _, p := range w.posts {
		if (p.ID == root || p.RootID == root) && p.DeleteAt == 0 {
			ps = append(ps, p)
		}
	}
	slices.SortFunc(ps, func(a, b *Post) int { return int(a.CreateAt - b.CreateAt) })
	return ps
}

// refusal is the server's own answer that something can't be done.
type refusal struct {
	Status  int    `json:"status_code"`
	ID      string `json:"id"`
	Message string `json:"message"`
	Detail  string `json:"detailed_error"`
	Request string `json:"request_id,omitempty"`
}

func (r refusal) Error() string { return fmt.Sprintf("%d %s", r.Status, r.ID) }

func refuse(status int, id, message string) error {
	return refusal{Status: status, ID: id, Message: message, Request: ID()}
}

// The server's limits.
const (
	maxMessage = 16_383
	maxProps   = 8_000
	maxFiles   = 10
	pendingFor = 30 * time.Second
	triggerFor = 3 * time.Second
)
