package slack

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"guichet/bot"
)

// maxBody bounds what one request may hold. Slack's largest is a form with its view, 250 kB.
const maxBody = 1 << 20

// ServeHTTP takes in what Slack sends to the app's request URL: events, commands, buttons and
// forms. Nothing is parsed before its signature is checked, and an answer of success means that
// what was asked for is durable: Slack sends again what got another one.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		d.turnAway(w, http.StatusRequestEntityTooLarge, err)
		return
	}
	if err != nil {
		d.turnAway(w, http.StatusBadRequest, errors.New("the request broke off"))
		return
	}
	if err := d.verify(r.Header, body); err != nil {
		d.turnAway(w, http.StatusUnauthorized, err)
		return
	}
	d.called.Store(time.Now().UnixMilli())
	// What has begun is finished, even if Slack hangs up.
	ctx := context.WithoutCancel(r.Context())
	self, err := d.Self(ctx)
	if err != nil {
		d.turnAway(w, http.StatusServiceUnavailable, err)
		return
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		d.receiveJSON(ctx, w, body, self)
		return
	}
	d.receiveForm(ctx, w, body)
}

// verify holds a request against its signature, which covers when it was sent: five minutes either
// way, and compared in constant time.
func (d *Door) verify(h http.Header, body []byte) error {
	v, err := slack.NewSecretsVerifier(h, d.SigningSecret)
	if err != nil {
		return err
	}
	if _, err := v.Write(body); err != nil {
		return err
	}
	return v.Ensure()
}

func (d *Door) turnAway(w http.ResponseWriter, status int, why error) {
	d.Log.Warn("request refused", "workspace", d.Workspace(), "status", status, "error", why)
	http.Error(w, http.StatusText(status), status)
}

// receiveJSON takes in the Events API.
func (d *Door) receiveJSON(ctx context.Context, w http.ResponseWriter, body []byte, self string) {
	var outer struct{ Type, Challenge string }
	if err := json.Unmarshal(body, &outer); err != nil {
		d.turnAway(w, http.StatusBadRequest, errors.New("not JSON"))
		return
	}
	switch outer.Type {
	case "url_verification": // Slack asks once whether this is the right address
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, outer.Challenge)
		return
	case "app_rate_limited":
		d.Log.Error("Slack holds events back: more than 30,000 in an hour", "workspace", d.Workspace())
		d.bot.FellBehind(d.Workspace())
		return
	}
	in, err := d.decode("events_api", body, self)
	d.receiveHTTP(ctx, w, in, err)
}

// receiveForm takes in commands and interactions.
func (d *Door) receiveForm(ctx context.Context, w http.ResponseWriter, body []byte) {
	values, err := url.ParseQuery(string(body))
	if err != nil {
		d.turnAway(w, http.StatusBadRequest, errors.New("not a form"))
		return
	}
	var in incoming
	if payload := values.Get("payload"); payload != "" {
		in, err = d.decode("interactive", []byte(payload), "")
	} else {
		in, err = complete(d.command(commandPayload{TeamID: values.Get("team_id"), UserID: values.Get("user_id"),
			UserName: values.Get("user_name"), ChannelID: values.Get("channel_id"), Command: values.Get("command"),
			Text: values.Get("text"), TriggerID: values.Get("trigger_id"), ResponseURL: values.Get("response_url")}))
	}
	d.receiveHTTP(ctx, w, in, err)
}

// receiveHTTP handles one request and answers it.
func (d *Door) receiveHTTP(ctx context.Context, w http.ResponseWriter, in incoming, err error) {
	if errors.Is(err, errIgnored) {
		return // 200: there is nothing to do, now or later
	}
	if err != nil {
		d.Log.Error("payload refused", "workspace", d.Workspace(), "error", err)
		return // likewise: it would be no better the next time
	}
	<-d.bot.Go(ctx, in.request, func(a bot.Answer, err error) {
		if err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		d.acknowledge(w, d.respond(in, a))
		d.follow(ctx, in, a)
	})
}

// acknowledge sends the whole response now: what follows may take longer than Slack waits.
func (d *Door) acknowledge(w http.ResponseWriter, response any) {
	var body []byte
	if response != nil {
		var err error
		if body, err = json.Marshal(response); err != nil {
			d.Log.Error("response not built", "workspace", d.Workspace(), "error", err)
		}
		w.Header().Set("Content-Type", "application/json")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
	_ = http.NewResponseController(w).Flush()
}

// runHTTP keeps the door open until ctx ends. The server of ServeHTTP lets finish what is under way.
func (d *Door) runHTTP(ctx context.Context) error {
	d.Log.Info("listening to Slack", "workspace", d.Workspace())
	d.called.Store(time.Now().UnixMilli()) // it can reach us now, as far as we know
	d.connected.Store(true)
	defer d.connected.Store(false)
	<-ctx.Done()
	return nil
}
