package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/slack-go/slack"

	"guichet/bot"
	"guichet/bot/card"
)

// respond is what goes back with the acknowledgement: after a form, its errors or its next step.
func (d *Door) respond(in incoming, a bot.Answer) any {
	switch {
	case in.request.Submission == nil:
		return nil
	case a.Problem != "":
		return slack.NewErrorsViewSubmissionResponse(map[string]string{in.firstField: a.Problem})
	case len(a.Errors) > 0:
		return slack.NewErrorsViewSubmissionResponse(a.Errors)
	case a.Form != nil:
		v, err := view(*a.Form)
		if err != nil {
			d.Log.Error("form not built", "form", a.Form.ID, "error", err)
			return slack.NewErrorsViewSubmissionResponse(map[string]string{in.firstField: a.Instead})
		}
		return slack.NewUpdateViewSubmissionResponse(&v)
	}
	return nil
}

// follow does what is left to do after the acknowledgement: it opens a form while its trigger still
// lives, or tells the person something.
func (d *Door) follow(ctx context.Context, in incoming, a bot.Answer) {
	if a.Form != nil && in.request.Submission == nil {
		if err := d.openView(ctx, in, *a.Form); err != nil {
			d.Log.Error("form not opened", "form", a.Form.ID, "error", outcome(err))
			a.Card = &card.Card{Lines: []string{a.Instead}}
		}
	}
	if a.Home != nil {
		if err := d.ShowHome(ctx, in.request.From.ID, *a.Home); err != nil {
			d.Log.Warn("home view not shown", "workspace", d.Workspace(), "error", err)
		}
	}
	if a.Direct != nil {
		if err := d.tellDirectly(ctx, in, a); err != nil {
			d.Log.Warn("direct answer not shown", "workspace", d.Workspace(), "error", err)
			return
		}
		if in.request.Direct {
			return // it stands right there
		}
	}
	d.tellPrivately(ctx, in, a)
}

// openView opens a form: on top of the view in which it was asked for, if it was in one.
func (d *Door) openView(ctx context.Context, in incoming, f card.Form) error {
	v, err := view(f)
	switch {
	case err != nil:
	case in.modal != "":
		_, err = d.api.PushViewContext(ctx, in.trigger, v)
	default:
		_, err = d.api.OpenViewContext(ctx, in.trigger, v)
	}
	return err
}

// tellDirectly puts a card into the person's direct channel.
func (d *Door) tellDirectly(ctx context.Context, in incoming, a bot.Answer) error {
	channel, err := d.DirectChannel(ctx, in.request.From.ID)
	if err == nil {
		_, _, err = d.api.PostMessageContext(ctx, channel, message(*a.Direct, maxFallback, 0)...)
	}
	return err
}

// tellPrivately shows an answer to the person alone: by the request's own address where it has
// one, else below the message that it answers.
func (d *Door) tellPrivately(ctx context.Context, in incoming, a bot.Answer) {
	if a.Card == nil {
		return
	}
	var err error
	switch {
	case in.modal != "":
		_, err = d.api.UpdateViewContext(ctx, window(*a.Card), "", "", in.modal)
	case in.responseURL == "" && in.request.Place.Channel == "" && in.trigger != "": // pressed in a home view
		_, err = d.api.OpenViewContext(ctx, in.trigger, window(*a.Card))
	case in.responseURL != "":
		err = d.postResponse(ctx, in, a)
	case in.request.Direct:
		_, _, err = d.api.PostMessageContext(ctx, in.request.Place.Channel, append(message(*a.Card, maxFallback, 0), slack.MsgOptionTS(in.root()))...)
	default:
		_, err = d.api.PostEphemeralContext(ctx, in.request.Place.Channel, in.request.From.ID,
			append(message(*a.Card, maxFallback, 0), slack.MsgOptionTS(in.root()))...)
	}
	if err != nil {
		d.Log.Warn("private answer not shown", "workspace", d.Workspace(), "error", outcome(err))
	}
}

// root is the thread in which a message is answered: its own, or the one that it begins.
func (in incoming) root() string {
	if in.thread != "" || in.request.Post == nil {
		return in.thread
	}
	return in.request.Post.External.ID
}

// postResponse answers at a request's response_url. The address is a secret, so it is kept out of
// errors.
func (d *Door) postResponse(ctx context.Context, in incoming, a bot.Answer) error {
	answer := map[string]any{
		"response_type":    "ephemeral",
		"replace_original": a.Replaces && in.alone,
		"text":             fallback(*a.Card, maxFallback),
		"blocks":           blocks(*a.Card),
	}
	if in.thread != "" {
		answer["thread_ts"] = in.thread
	}
	body, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, in.responseURL, bytes.NewReader(body))
	if err != nil {
		return errors.New("slack: the response address is not valid")
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := d.http.Do(req)
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if err != nil {
		return fmt.Errorf("slack: response address: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("slack: response address: status %d", res.StatusCode)
	}
	return nil
}
