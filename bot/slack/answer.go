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
		if err := d.openView(ctx, in.trigger, *a.Form); err != nil {
			d.Log.Error("form not opened", "form", a.Form.ID, "error", outcome(err))
			a.Card = &card.Card{Lines: []string{a.Instead}}
		}
	}
	d.tellPrivately(ctx, in, a)
}

func (d *Door) openView(ctx context.Context, trigger string, f card.Form) error {
	v, err := view(f)
	if err == nil {
		_, err = d.api.OpenViewContext(ctx, trigger, v)
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
	case in.responseURL != "":
		err = d.postResponse(ctx, in, a)
	case in.request.Direct:
		_, _, err = d.api.PostMessageContext(ctx, in.request.Place.Channel, append(message(*a.Card, maxFallback), slack.MsgOptionTS(in.root()))...)
	default:
		_, err = d.api.PostEphemeralContext(ctx, in.request.Place.Channel, in.request.From.ID,
			append(message(*a.Card, maxFallback), slack.MsgOptionTS(in.root()))...)
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
