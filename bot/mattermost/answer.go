package mattermost

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/mattermost/mattermost/server/public/model"

	"guichet/bot"
	"guichet/bot/card"
	"guichet/bot/text"
)

// incoming is one callback, decoded: a request for the bot, and what is needed to answer.
type incoming struct {
	request bot.Request
	sort    string // of the callback
	trigger string // opens a form; lives 3 seconds on old servers
	alone   bool   // what was pressed is on an answer for that person alone, which is no post
	key     string // of the post on which something was pressed
	thread  string // in which a message is, for an answer to it
}

// answerKey begins the keys of posts that are answers, and no delivery's.
const answerKey = "a"

// keyOf is the key of an answer to a request: the same for every copy of guichet that answers it, since each gets
// every event, and the server posts the same once.
func keyOf(r bot.Request, c card.Card) string {
	if r.ID == "" {
		return answerKey + uuid.NewString()
	}
	sum := sha256.Sum256([]byte(r.ID + "\n" + c.Text()))
	return answerKey + hex.EncodeToString(sum[:12])
}

// answer says to the person what the bot answers. A form is opened first: its trigger does not live long.
func (d *Door) answer(ctx context.Context, w http.ResponseWriter, in incoming, a bot.Answer) {
	if in.sort == forDialogs {
		d.answerForm(ctx, w, in, a)
		return
	}
	if a.Form != nil {
		if err := d.open(ctx, in, *a.Form); err != nil {
			d.Log.Error("form not opened", "form", a.Form.ID, "error", err)
			a.Card = &card.Card{Lines: []string{a.Instead}}
		}
	}
	if in.sort == forCommands {
		answer(w, d.commandResponse(in, a))
	} else {
		response, later := d.actionResponse(in, a)
		answer(w, response)
		if later != nil {
			d.tellDirectly(ctx, in, *later)
		}
	}
	if a.Direct != nil {
		d.tellDirectly(ctx, in, *a.Direct)
	}
}

// commandResponse is an answer for the person alone.
func (d *Door) commandResponse(in incoming, a bot.Answer) map[string]any {
	c := a.Card
	if c == nil || a.Direct != nil && in.request.Direct { // it stands right there
		return map[string]any{}
	}
	p, err := d.render(*c, binding{to: in.request.From.ID})
	if err != nil {
		d.Log.Error("answer not built", "workspace", d.Workspace(), "error", err)
		return map[string]any{}
	}
	response := map[string]any{"response_type": model.CommandResponseTypeEphemeral, "text": p.Message, "skip_slack_parsing": true}
	if as := p.GetProp("attachments"); as != nil {
		response["attachments"] = as
	}
	return response
}

// actionResponse is an answer to a button. One with buttons of its own does not fit below the card: it
// takes the place of the answer that was pressed, or goes to the person's direct channel, as later.
func (d *Door) actionResponse(in incoming, a bot.Answer) (response map[string]any, later *card.Card) {
	c := a.Card
	if c == nil {
		return map[string]any{}, nil
	}
	if len(c.Buttons)+len(c.Menu) == 0 && len(c.Fields) == 0 {
		return map[string]any{"ephemeral_text": cut(words(*c), maxMessage), "skip_slack_parsing": true}, nil
	}
	if a.Replaces && !in.alone && strings.HasPrefix(in.key, answerKey) {
		if p, err := d.render(*c, binding{key: in.key}); err == nil {
			return map[string]any{"update": map[string]any{"message": p.Message, "props": p.GetProps()}}, nil
		}
	}
	if in.request.Direct {
		return map[string]any{}, c
	}
	return map[string]any{"ephemeral_text": literal(text.In(a.Language).Say("answer.direct"))}, c
}

// answerForm answers a form: with what is wrong with it, or its next step.
func (d *Door) answerForm(ctx context.Context, w http.ResponseWriter, in incoming, a bot.Answer) {
	switch {
	case a.Problem != "":
		answer(w, map[string]any{"error": a.Problem})
		return
	case len(a.Errors) > 0:
		answer(w, map[string]any{"errors": a.Errors})
		return
	case a.Form != nil && d.hasSteps():
		dialog, err := d.dialog(*a.Form, in.request)
		if err == nil {
			answer(w, map[string]any{"type": string(model.SubmitDialogResponseTypeForm), "form": dialog})
			return
		}
		d.Log.Error("form not built", "form", a.Form.ID, "error", err)
	}
	answer(w, map[string]any{})
	if a.Form != nil && a.Resume != nil {
		d.tellDirectly(ctx, in, *a.Resume)
	}
	d.follow(ctx, in, a)
}

// stepsSince is the first release of the server whose forms have steps.
const stepsSince = 11

// hasSteps says whether a form's answer can be its next step. An old server drops that.
func (d *Door) hasSteps() bool {
	version, _ := d.version.Load().(string)
	major, _, _ := strings.Cut(version, ".")
	n, err := strconv.Atoi(major)
	return err == nil && n >= stepsSince
}

// open opens a form.
func (d *Door) open(ctx context.Context, in incoming, f card.Form) error {
	dialog, err := d.dialog(f, in.request)
	if err != nil {
		return err
	}
	r, err := d.api.OpenInteractiveDialog(ctx, model.OpenDialogRequest{TriggerId: in.trigger, URL: d.address(forDialogs), Dialog: dialog})
	return outcome("actions/dialogs/open", r, err)
}

// tellDirectly puts a card into the person's direct channel: below the message that it answers, where that is
// there.
func (d *Door) tellDirectly(ctx context.Context, in incoming, c card.Card) {
	channel, err := d.DirectChannel(ctx, in.request.From.ID)
	if err == nil {
		root := ""
		if channel == in.request.Place.Channel {
			root = in.thread
		}
		_, err = d.post(ctx, channel, root, c, keyOf(in.request, c))
		if root != "" && errors.Is(err, bot.ErrGone) { // it is no root, or no longer there
			_, err = d.post(ctx, channel, "", c, keyOf(in.request, c))
		}
	}
	if err != nil {
		d.Log.Warn("answer not shown", "workspace", d.Workspace(), "error", err)
	}
}

// Tell implements bot.Catcher.
func (d *Door) Tell(ctx context.Context, r bot.Request, a bot.Answer) {
	in := incoming{request: r}
	if r.Post != nil {
		in.thread = cmp.Or(r.Post.Root, r.Post.External.ID)
	}
	d.follow(ctx, in, a)
}

// follow says to the person what the bot answers to something that came as an event.
func (d *Door) follow(ctx context.Context, in incoming, a bot.Answer) {
	for _, c := range []*card.Card{a.Card, a.Direct} {
		if c != nil {
			d.tellDirectly(ctx, in, *c)
		}
	}
}
