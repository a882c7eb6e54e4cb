package mattermost

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/mattermost/mattermost/server/public/model"

	"guichet/bot"
	"guichet/store"
)

// maxBody bounds what one request may hold: a dialog with all its fields filled is a tenth of that.
const maxBody = 256 << 10

// Calls are the handlers of what Mattermost calls, by path. An address of an older secret goes on working.
func (d *Door) Calls() map[string]http.Handler {
	calls := map[string]http.Handler{}
	for _, secret := range d.Secrets {
		calls[d.pathOf(secret, forCommands)] = http.HandlerFunc(d.takeCommand)
		calls[d.pathOf(secret, forActions)] = http.HandlerFunc(d.takeAction)
		calls[d.pathOf(secret, forDialogs)] = http.HandlerFunc(d.takeDialog)
	}
	return calls
}

// refuse turns a callback away that guichet did not hand out. What is said goes to whoever sent it: nothing.
func (d *Door) refuse(w http.ResponseWriter, what string, err error) {
	d.Log.Warn("callback refused", "workspace", d.Workspace(), "what", what, "error", err)
	http.Error(w, http.StatusText(http.StatusForbidden), http.StatusForbidden)
}

var (
	// idPattern is what the server's ids look like.
	idPattern = regexp.MustCompile(`^[a-z0-9]{26}$`)
	// directName is the name of a channel in which two people talk alone: their ids.
	directName = regexp.MustCompile(`^[a-z0-9]{26}__[a-z0-9]{26}$`)
)

// from is a request's beginning: who, and where. The channel in which somebody talks with the bot is told by its
// name, which the server gives.
func (d *Door) from(user, name, channel, channelName string) (bot.Request, error) {
	if !idPattern.MatchString(user) || !idPattern.MatchString(channel) {
		return bot.Request{}, fmt.Errorf("%w: no person or no channel", errForged)
	}
	return bot.Request{From: store.Account{Workspace: d.Workspace(), ID: user}, Name: clean(name),
		Place: store.Place{Workspace: d.Workspace(), Channel: channel}, Direct: directName.MatchString(channelName) && strings.Contains(channelName, d.botID())}, nil
}

// takeCommand takes in a slash command.
func (d *Door) takeCommand(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		d.refuse(w, "command", errors.New("not a form"))
		return
	}
	f := r.PostForm
	token := f.Get("token")
	header, isToken := strings.CutPrefix(r.Header.Get("Authorization"), "Token ")
	req, err := d.from(f.Get("user_id"), f.Get("user_name"), f.Get("channel_id"), f.Get("channel_name"))
	switch {
	case !d.ourCommand(token) || isToken && header != token:
		err = fmt.Errorf("%w: the token of a command", errForged)
	case err == nil && !req.Direct && f.Get("team_id") != d.Team: // in a direct channel it is what the client sent
		err = fmt.Errorf("%w: a command of another team", errForged)
	}
	if err != nil {
		d.refuse(w, "command", err)
		return
	}
	req.Command = &bot.Typed{Name: strings.TrimPrefix(f.Get("command"), "/"), Args: clean(f.Get("text"))}
	d.handle(w, r, incoming{request: req, trigger: f.Get("trigger_id"), sort: forCommands})
}

// takeAction takes in a button or a menu.
func (d *Door) takeAction(w http.ResponseWriter, r *http.Request) {
	var p model.PostActionIntegrationRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&p); err != nil {
		d.refuse(w, "button", errors.New("not JSON"))
		return
	}
	req, err := d.from(p.UserId, p.UserName, p.ChannelId, p.ChannelName)
	var button pressed
	if err == nil {
		button, err = d.readContext(p.Context)
	}
	if err == nil {
		err = d.isWhereItWas(r.Context(), p, button)
	}
	if errors.Is(err, errExpired) { // it is theirs, and old
		button, err = pressed{op: "expired"}, nil
	}
	if err == nil && button.op == menuID {
		chosen, _ := p.Context["selected_option"].(string)
		if !slices.Contains(strings.Split(button.value, "\n"), chosen) {
			err = fmt.Errorf("%w: not an entry of the menu", errForged)
		}
		button.op, button.value, _ = strings.Cut(chosen, menuItem)
	}
	if err != nil {
		d.refuse(w, "button", err)
		return
	}
	if p.TriggerId != "" { // one for every press
		sum := sha256.Sum256([]byte(p.TriggerId))
		req.ID = "press:" + hex.EncodeToString(sum[:16])
	}
	req.Press = &bot.Press{Button: button.op, Value: button.value, Message: p.PostId}
	d.handle(w, r, incoming{request: req, trigger: p.TriggerId, sort: forActions, alone: button.to != "", key: button.key})
}

// isWhereItWas holds a button against the post that it is said to be on: one of ours, in that channel, with the
// key that the button was made with. An answer to a command is no post that can be looked up: its buttons are
// bound to the person.
func (d *Door) isWhereItWas(ctx context.Context, p model.PostActionIntegrationRequest, b pressed) error {
	if b.to != "" {
		if b.to != p.UserId {
			return fmt.Errorf("%w: a button of somebody else's answer", errForged)
		}
		return nil
	}
	if !idPattern.MatchString(p.PostId) {
		return fmt.Errorf("%w: a button on no post", errForged)
	}
	a, err := d.about(ctx, p.PostId)
	switch {
	case errors.Is(err, bot.ErrGone):
		return fmt.Errorf("%w: a button on a post that is not there", errForged)
	case err != nil:
		return err
	case a.key == "" || a.key != b.key:
		return fmt.Errorf("%w: a button of another post", errForged)
	case a.channel != p.ChannelId:
		return fmt.Errorf("%w: a button from another channel", errForged)
	}
	return nil
}

// takeDialog takes in a form. Whatever is wrong with it is answered with success, else the person would not
// see it.
func (d *Door) takeDialog(w http.ResponseWriter, r *http.Request) {
	var p model.SubmitDialogRequest
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil || json.Unmarshal(body, &p) != nil {
		d.refuse(w, "form", errors.New("not JSON"))
		return
	}
	if p.Cancelled {
		answer(w, map[string]any{})
		return
	}
	s, err := d.unseal(p.State, p.UserId)
	if err == nil && p.CallbackId != s.Form {
		err = fmt.Errorf("%w: another form's state", errForged)
	}
	if err != nil && !errors.Is(err, errExpired) {
		d.refuse(w, "form", err)
		return
	}
	req := bot.Request{From: d.account(s.Person), Place: d.place(s.Channel), Direct: s.Direct}
	if errors.Is(err, errExpired) {
		s.Form = "expired"
	}
	sent := bot.Submission{Form: s.Form, Values: map[string]string{}, Hidden: s.Hidden}
	for field, v := range p.Submission {
		sent.Values[clean(field)] = valueOf(v)
	}
	req.Submission = &sent
	d.handle(w, r, incoming{request: req, sort: forDialogs})
}

// handle hands a request to the bot, and its answer back. What has begun is finished, even if Mattermost
// hangs up.
func (d *Door) handle(w http.ResponseWriter, r *http.Request, in incoming) {
	ctx := context.WithoutCancel(r.Context())
	<-d.bot.Go(ctx, in.request, func(a bot.Answer, err error) {
		if err != nil { // it is not: what a person waits for is answered in words
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		d.answer(ctx, w, in, a)
	})
}

// answer sends the whole response now: what follows may take longer than anybody waits. It is never empty,
// which old servers take for an error.
func answer(w http.ResponseWriter, body any) {
	b, err := json.Marshal(body)
	if err != nil {
		b = []byte("{}")
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", fmt.Sprint(len(b)))
	_, _ = w.Write(b)
	_ = http.NewResponseController(w).Flush()
}
