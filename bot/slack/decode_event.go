package slack

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"guichet/bot"
	"guichet/helpdesk"
	"guichet/markup"
	"guichet/store"
)

type eventPayload struct {
	TeamID  string       `json:"team_id"`
	EventID string       `json:"event_id"`
	Event   eventMessage `json:"event"`
}

// eventMessage is what an event tells: most of them are of a message, and the fields of that are the
// event's own.
type eventMessage struct {
	UserTeam    string `json:"user_team"`   // the author's workspace, in shared channels
	SourceTeam  string `json:"source_team"` // the same, in some of them
	Team        string `json:"team"`        // the same, elsewhere
	ParentUser  string `json:"parent_user_id"`
	Type        string `json:"type"`
	Channel     string `json:"channel"`
	ChannelType string `json:"channel_type"`
	messagePayload

	// Of an edit or a deletion.
	Message  messagePayload `json:"message"`
	Previous messagePayload `json:"previous_message"`
	Deleted  string         `json:"deleted_ts"`

	// Of an emoji.
	Reaction string `json:"reaction"`
	Item     struct {
		Type    string `json:"type"`
		Channel string `json:"channel"`
		TS      string `json:"ts"`
	} `json:"item"`

	Tab string `json:"tab"` // of the app's home
}

// messagePayload is a message, wherever Slack shows one.
type messagePayload struct {
	Subtype  string        `json:"subtype"`
	User     string        `json:"user"`
	BotID    string        `json:"bot_id"`
	Text     string        `json:"text"`
	TS       string        `json:"ts"`
	ThreadTS string        `json:"thread_ts"`
	Files    []filePayload `json:"files"`
	Edited   struct {
		TS string `json:"ts"`
	} `json:"edited"`
}

type filePayload struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Mimetype string `json:"mimetype"`
	Size     int64  `json:"size"`
	URL      string `json:"url_private_download"`
	Mode     string `json:"mode"`
}

// words are a message's text, formatted as its author saw it.
func (d *Door) words(m messagePayload) string {
	return markup.FromSlack(clean(m.Text), d.namesIn()).Canonical()
}

// mentions are those in a message of Slack's.
var mentions = regexp.MustCompile(`<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>`)

// mentioned are the accounts that a message mentions.
func mentioned(text string) (accounts []string) {
	for _, m := range mentions.FindAllStringSubmatch(text, namesAtOnce) {
		accounts = append(accounts, m[1])
	}
	return accounts
}

// named is what a message says with the names of its files, for where these are not carried.
func (d *Door) named(m messagePayload) string {
	text := d.words(m)
	for _, f := range m.Files {
		text = strings.TrimLeft(text+"\n"+markup.FromPlain("📎 "+f.Name).Canonical(), "\n")
	}
	return text
}

// files are what is on a message. One that was deleted meanwhile ("tombstone") is none.
func (m messagePayload) files() (refs []helpdesk.FileRef) {
	for _, f := range m.Files {
		if f.Mode != "tombstone" && f.ID != "" {
			refs = append(refs, helpdesk.FileRef{ID: f.ID, Name: clean(f.Name), Type: f.Mimetype, Size: f.Size, URL: f.URL})
		}
	}
	return refs
}

// root is the thread that a message is in, empty when it begins one or is in none.
func (m messagePayload) root() string {
	if m.ThreadTS == m.TS {
		return ""
	}
	return m.ThreadTS
}

func (d *Door) quoted(m messagePayload, ts string) bot.Quoted {
	q := bot.Quoted{Message: ts, Root: m.root(), Author: m.User, Text: d.named(m), Files: m.files()}
	if m.BotID != "" || m.User == slackbot {
		q.Author = ""
	}
	return q
}

// event reads what Slack tells of by itself, as far as it is told here.
func (d *Door) event(p eventPayload, self string) (in incoming, err error) {
	if err := d.ours(p.TeamID); err != nil {
		return incoming{}, err
	}
	e := p.Event
	switch {
	case e.Type == "message" && e.Subtype == "message_changed", e.Type == "message" && e.Subtype == "message_deleted":
		in, err = d.revision(e, self)
	case e.Type == "message":
		in, err = d.message(e, self)
	case e.Type == "app_mention":
		in, err = d.mention(e, self)
	case e.Type == "reaction_added", e.Type == "reaction_removed":
		in, err = d.reaction(e, self)
	case e.Type == "app_home_opened" && e.Tab == "home":
		in.request = bot.Request{From: d.account(e.User), Place: d.place(e.Channel), Direct: true, Opened: true}
	default:
		err = errIgnored
	}
	in.request.ID = p.EventID
	return in, err
}

func (d *Door) account(id string) store.Account {
	return store.Account{Workspace: d.Workspace(), ID: id}
}

func (d *Door) place(channel string) store.Place {
	return store.Place{Workspace: d.Workspace(), Channel: channel}
}

func (d *Door) external(channel, ts string) store.External {
	return store.External{Workspace: d.Workspace(), Channel: channel, ID: ts}
}

// message is something that somebody wrote.
func (d *Door) message(e eventMessage, self string) (incoming, error) {
	switch {
	case e.User == "", e.User == self, e.BotID != "":
		return incoming{}, errIgnored // nobody wrote it, or we did, or another bot: that would loop
	case !slices.Contains([]string{"", "thread_broadcast", "file_share", "me_message"}, e.Subtype):
		return incoming{}, errIgnored // joins and the like
	}
	root := e.root()
	direct := e.ChannelType == "im"
	if root != "" && e.ParentUser != "" && e.ParentUser != self {
		// A thread that somebody else began can never be a ticket's. In a queue's channel that is
		// talk among agents; in the direct channel, somebody who means a ticket but not which.
		if !direct {
			return incoming{}, errIgnored
		}
		root = ""
	}
	text := d.words(e.messagePayload)
	if root == "" {
		text = d.named(e.messagePayload) // it may become a ticket's description, which needs words
	}
	return incoming{thread: e.ThreadTS, request: bot.Request{
		Home:   d.home(cmp.Or(e.UserTeam, e.SourceTeam, e.Team)),
		From:   d.account(e.User),
		Place:  d.place(e.Channel),
		Direct: direct,
		Post:   &helpdesk.Post{External: d.external(e.Channel, e.TS), Root: root, Text: text, Files: e.files(), Mentioned: mentioned(e.Text)},
	}}, nil
}

// mention is a message in which somebody calls the bot by name, without that name.
func (d *Door) mention(e eventMessage, self string) (incoming, error) {
	if e.User == "" || e.User == self || e.BotID != "" {
		return incoming{}, errIgnored
	}
	e.Text = strings.TrimSpace(regexp.MustCompile(`<@`+regexp.QuoteMeta(self)+`(\|[^<>]*)?>`).ReplaceAllString(e.Text, ""))
	return incoming{thread: e.ThreadTS, request: bot.Request{
		Home:    d.home(cmp.Or(e.UserTeam, e.SourceTeam, e.Team)),
		From:    d.account(e.User),
		Place:   d.place(e.Channel),
		Direct:  strings.HasPrefix(e.Channel, "D"), // where Slack sends it as a message
		Mention: &helpdesk.Post{External: d.external(e.Channel, e.TS), Root: e.root(), Text: d.named(e.messagePayload), Files: e.files()},
	}}, nil
}

// revision is an edit or a deletion by whoever wrote the message. A link that Slack has looked up, or a
// first answer below it, changes a message too, but is no edit.
func (d *Door) revision(e eventMessage, self string) (incoming, error) {
	m, ts := e.Message, e.Message.TS
	deleted := e.Subtype == "message_deleted" || m.Subtype == "tombstone" // which stays where a thread's first message was
	if e.Subtype == "message_deleted" {
		m, ts = e.Previous, e.Deleted
	}
	author := cmp.Or(e.Previous.User, m.User)
	switch {
	case author == "", author == self, author == slackbot, m.BotID != "", e.Previous.BotID != "":
		return incoming{}, errIgnored
	case !deleted && (m.Edited.TS == "" || m.Edited.TS == e.Previous.Edited.TS):
		return incoming{}, errIgnored
	}
	r := &helpdesk.Revision{External: d.external(e.Channel, ts), Root: cmp.Or(m.root(), e.Previous.root()), Deleted: deleted}
	if !deleted {
		r.Text = d.words(m)
	}
	return incoming{thread: r.Root, request: bot.Request{From: d.account(author), Place: d.place(e.Channel),
		Direct: e.ChannelType == "im", Revision: r}}, nil
}

// reaction is an emoji on a message. A skin tone makes no difference.
func (d *Door) reaction(e eventMessage, self string) (incoming, error) {
	if e.User == "" || e.User == self || e.Item.Type != "message" || e.Item.TS == "" {
		return incoming{}, errIgnored
	}
	emoji, _, _ := strings.Cut(e.Reaction, "::")
	return incoming{thread: e.Item.TS, request: bot.Request{From: d.account(e.User), Place: d.place(e.Item.Channel), Direct: strings.HasPrefix(e.Item.Channel, "D"),
		Reaction: &bot.Reaction{Emoji: emoji, Message: e.Item.TS, Removed: e.Type == "reaction_removed"}}}, nil
}
