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

// respond makes what goes back with the acknowledgement: after a form, its errors or its next
// step. A form to open is opened here, while its trigger still lives; where that fails, the answer
// says so instead.
func (d *Door) respond(ctx context.Context, in incoming, a *bot.Answer) any {
	form := in.request.Submission != nil
	switch {
	case form && a.Problem != "":
		return slack.NewErrorsViewSubmissionResponse(map[string]string{in.firstField: a.Problem})
	case form && len(a.Errors) > 0:
		return slack.NewErrorsViewSubmissionResponse(a.Errors)
	case a.Form == nil:
		return nil
	}
	v, err := view(*a.Form)
	if err != nil {
		d.Log.Error("form not built", "form", a.Form.ID, "error", err)
		return nil
	}
	if form {
		return slack.NewUpdateViewSubmissionResponse(&v)
	}
	if _, err := d.api.OpenViewContext(ctx, in.trigger, v); err != nil {
		d.Log.Error("form not opened", "form", a.Form.ID, "error", outcome(err))
		a.Card = &card.Card{Lines: []string{a.Instead}}
	}
	return nil
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
		_, _, err = d.api.PostMessageContext(ctx, in.request.Place.Channel, append(message(*a.Card), slack.MsgOptionTS(in.root()))...)
	default:
		_, err = d.api.PostEphemeralContext(ctx, in.request.Place.Channel, in.request.From.ID,
			append(message(*a.Card), slack.MsgOptionTS(in.root()))...)
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
	body, err := json.Marshal(map[string]any{
		"response_type":    "ephemeral",
		"replace_original": false,
		"text":             fallback(*a.Card),
		"blocks":           blocks(*a.Card),
		"thread_ts":        in.thread,
	})
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
