package mattermost

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/mattermost/mattermost/server/public/model"

	"guichet/bot"
	"guichet/helpdesk"
	"guichet/markup"
	"guichet/store"
)

// decode reads an event: what it asks of the bot, if anything. An answer to several requests is one at most,
// since the bot listens to one of them.
func (d *Door) decode(ctx context.Context, e *model.WebSocketEvent) (ins []incoming, err error) {
	switch e.EventType() {
	case model.WebsocketEventPosted:
		p, err := postOf(e)
		if err != nil {
			return nil, err
		}
		team, _ := e.GetData()["team_id"].(string)
		kind, _ := e.GetData()["channel_type"].(string)
		d.channels.Store(p.ChannelId, model.ChannelType(kind))
		if team != "" && team != d.Team {
			return nil, nil
		}
		return d.written(ctx, p)
	case model.WebsocketEventPostEdited, model.WebsocketEventPostDeleted:
		p, err := postOf(e)
		if err != nil {
			return nil, err
		}
		return d.revised(p, e.EventType() == model.WebsocketEventPostDeleted), nil
	case model.WebsocketEventReactionAdded, model.WebsocketEventReactionRemoved:
		return d.reacted(ctx, e)
	}
	return nil, nil
}

// postOf is the post that an event is about. It comes as JSON within JSON.
func postOf(e *model.WebSocketEvent) (*model.Post, error) {
	var p model.Post
	text, _ := e.GetData()["post"].(string)
	if err := json.Unmarshal([]byte(text), &p); err != nil || p.Id == "" || p.ChannelId == "" {
		return nil, fmt.Errorf("mattermost: an event of type %s is not what is documented", e.EventType())
	}
	return &p, nil
}

func (d *Door) account(id string) store.Account {
	return store.Account{Workspace: d.Workspace(), ID: id}
}

func (d *Door) place(channel string) store.Place {
	return store.Place{Workspace: d.Workspace(), Channel: channel}
}

func (d *Door) external(p *model.Post) store.External {
	return store.External{Workspace: d.Workspace(), Channel: p.ChannelId, ID: p.Id}
}

// byPerson says whether somebody wrote a post: not we, nor the server, nor a program. What else it says of
// itself is not trusted: anybody can set it.
func (d *Door) byPerson(p *model.Post) bool {
	hook, _ := p.GetProp("from_webhook").(string)
	return p.UserId != "" && p.UserId != d.self.id && p.Type == "" && hook != "true"
}

// written is something that somebody wrote: a message of a conversation, or one that calls the bot by name.
// Which of the two it is for, the bot knows.
func (d *Door) written(ctx context.Context, p *model.Post) ([]incoming, error) {
	if !d.byPerson(p) {
		return nil, nil
	}
	direct, err := d.isDirect(ctx, p.ChannelId)
	if err != nil {
		return nil, err
	}
	root, others, err := d.rootOf(ctx, p, direct)
	if err != nil {
		return nil, err
	}
	files, err := d.filesOf(ctx, p)
	if err != nil {
		return nil, err
	}
	request := bot.Request{ID: "post:" + p.Id, From: d.account(p.UserId), Place: d.place(p.ChannelId), Direct: direct}
	words := written(p.Message)
	if root == "" {
		words = named(words, files) // it may become a ticket's description, which needs words
	}
	post := &helpdesk.Post{External: d.external(p), Root: root, Text: words, Files: files, Mentioned: d.mentioned(ctx, p.Message)}
	in := incoming{request: request, thread: cmp.Or(p.RootId, p.Id)}
	in.request.Post = post
	var ins []incoming
	if !others {
		ins = append(ins, in)
	}
	if words := d.withoutName(p.Message); !direct && words != strings.TrimSpace(p.Message) { // the event's own list has the bot for @channel too
		mention := *post
		mention.Root = p.RootId
		mention.Text = named(written(words), files)
		in.request.Post, in.request.Mention, in.request.ID = nil, &mention, "mention:"+p.Id
		ins = append(ins, in)
	}
	return ins, nil
}

// mentions finds the first user name in what an agent may have meant as a word ("?assign @nina"): nothing else asks whom it mentions.
var mentions = regexp.MustCompile(`^\s*\?[^@]*@([a-z][a-z0-9._-]*[a-z0-9])`)

// mentioned is the account that a word of an agent's mentions first. Whoever can't be looked up is not known.
func (d *Door) mentioned(ctx context.Context, message string) []string {
	m := mentions.FindStringSubmatch(strings.ToLower(message))
	if m == nil || d.api == nil {
		return nil
	}
	u, _, err := d.api.GetUserByUsername(ctx, m[1], "")
	if err != nil {
		return nil
	}
	return []string{u.Id}
}

// rootOf is the thread that a post is in, as far as it may be a ticket's: one that somebody else began never
// is. In the direct channel that is somebody who means a ticket but not which; elsewhere, talk among others.
func (d *Door) rootOf(ctx context.Context, p *model.Post, direct bool) (root string, others bool, err error) {
	if p.RootId == "" {
		return "", false, nil
	}
	began, err := d.about(ctx, p.RootId)
	switch {
	case errors.Is(err, bot.ErrGone):
		return p.RootId, false, nil
	case err != nil:
		return "", false, err
	case began.author == d.self.id:
		return p.RootId, false, nil
	}
	return "", !direct, nil
}

// withoutName is what somebody says who calls the bot by name.
func (d *Door) withoutName(s string) string {
	name := regexp.MustCompile(`@` + regexp.QuoteMeta(d.self.name) + `($|[^A-Za-z0-9_.-]|[.-]+(?:$|\s))`)
	return strings.TrimSpace(name.ReplaceAllString(s, "$1"))
}

// written is what somebody wrote, formatted as they saw it.
func written(message string) string { return markup.FromMarkdown(clean(message)).Canonical() }

// named is what a message says with the names of its files, for where these are not carried.
func named(words string, files []helpdesk.FileRef) string {
	for _, f := range files {
		words = strings.TrimLeft(words+"\n"+markup.FromPlain("📎 "+f.Name).Canonical(), "\n")
	}
	return words
}

// revised is an edit or a deletion.
func (d *Door) revised(p *model.Post, deleted bool) []incoming {
	if !d.byPerson(p) {
		return nil
	}
	r := &helpdesk.Revision{External: d.external(p), Root: p.RootId, Deleted: deleted}
	id := fmt.Sprintf("edit:%s:%d", p.Id, p.EditAt)
	if deleted {
		id = "delete:" + p.Id
	} else {
		r.Text = written(p.Message)
	}
	kind, _ := d.channels.Load(p.ChannelId)
	return []incoming{{thread: cmp.Or(p.RootId, p.Id), request: bot.Request{ID: id, From: d.account(p.UserId), Place: d.place(p.ChannelId),
		Direct: kind == model.ChannelTypeDirect, Revision: r}}}
}

// reacted is an emoji that was put on a message, or taken off it.
func (d *Door) reacted(ctx context.Context, e *model.WebSocketEvent) ([]incoming, error) {
	var r model.Reaction
	said, _ := e.GetData()["reaction"].(string)
	channel := e.GetBroadcast().ChannelId
	if err := json.Unmarshal([]byte(said), &r); err != nil || r.PostId == "" || channel == "" {
		return nil, fmt.Errorf("mattermost: an event of type %s is not what is documented", e.EventType())
	}
	if r.UserId == "" || r.UserId == d.self.id {
		return nil, nil
	}
	direct, err := d.isDirect(ctx, channel)
	if err != nil {
		return nil, err
	}
	removed := e.EventType() == model.WebsocketEventReactionRemoved
	id := fmt.Sprintf("emoji:%s:%s:%s:%d:%t", r.UserId, r.PostId, clean(r.EmojiName), r.CreateAt, removed)
	return []incoming{{thread: r.PostId, request: bot.Request{ID: id, From: d.account(r.UserId), Place: d.place(channel), Direct: direct,
		Reaction: &bot.Reaction{Emoji: clean(r.EmojiName), Message: r.PostId, Removed: removed}}}}, nil
}
