// Package hook calls the programs that make licenses usable, and hears what they say: webhooks that are signed either way, as
// Standard Webhooks (https://www.standardwebhooks.com) has it.
package hook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"guichet/license"
)

// Options say where a service's program is, and what it shares with guichet.
type Options struct {
	Service string
	URL     string // what is called
	Devices string // what is asked for the number of devices; empty: nothing
	Secret  string // whsec_ and base64
	Link    string // guichet's own address, to be called back at Path
	Log     *slog.Logger
}

// Path is where a program calls back: the key of its service follows.
const Path = "/provisioner/"

// Program is the program of one service.
type Program struct {
	Options
	desk   *license.Desk
	secret *webhooks.Webhook
	http   *http.Client
}

const (
	callWait = 15 * time.Second
	longest  = 64 << 10 // bytes of an answer, or of a call
)

// New returns the program of a service.
func New(o Options, desk *license.Desk) (*Program, error) {
	secret, err := webhooks.NewWebhook(o.Secret)
	if err != nil {
		return nil, fmt.Errorf("hook: the secret of %s: %w", o.Service, err)
	}
	client := &http.Client{Timeout: callWait, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Program{o, desk, secret, client}, nil
}

// call is what is sent, and what comes back.
type call struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      data      `json:"data"`
}

type data struct {
	Activation   int64  `json:"activation,omitempty"`
	Organization string `json:"organization,omitempty"`
	Service      string `json:"service,omitempty"`
	License      string `json:"license,omitempty"`
	Quantity     int64  `json:"quantity,omitempty"`
	Callback     string `json:"callback,omitempty"`

	State  string `json:"state,omitempty"`
	Reason string `json:"reason,omitempty"`

	Devices *int64 `json:"devices,omitempty"`
}

// The types of calls.
const (
	activate  = "license.activate"  // to the program
	activated = "license.activated" // from it
	counting  = "devices.count"     // to it
)

// Provision asks the program to make licenses usable. It may be asked several times for the same, by the same webhook-id. Its answer may say
// where that stands; it has begun, if it does not. What it refuses for good has failed; any other error is worth another try.
func (p *Program) Provision(ctx context.Context, j license.Job) (license.Progress, error) {
	out := license.Progress{Activation: int64(j.ID), State: "in_progress"}
	body := call{Type: activate, Data: data{Activation: int64(j.ID), Organization: j.Organization, Service: p.Service, License: j.License.Key, Quantity: j.Quantity}}
	if p.Link != "" {
		body.Data.Callback = p.Link + Path + p.Service
	}
	status, answer, err := p.post(ctx, p.URL, fmt.Sprintf("activation-%d", j.ID), body)
	switch {
	case err != nil:
		return out, err
	case status == http.StatusRequestTimeout || status == http.StatusTooEarly || status == http.StatusTooManyRequests || status >= 500 || status >= 300 && status < 400:
		return out, &Status{status}
	case status >= 400:
		out.State, out.Reason = "failed", fmt.Sprintf("HTTP %d", status)
	}
	var said data
	if json.Unmarshal(answer, &said) == nil && said.State != "" && out.State != "failed" {
		out.State = said.State
	}
	if said.Reason != "" {
		out.Reason = said.Reason
	}
	return out, nil
}

// Status is an answer that was not taken for one.
type Status struct{ Code int }

func (s *Status) Error() string { return fmt.Sprintf("the provisioner answered with HTTP %d", s.Code) }

// errNoCount is an answer that says nothing of devices.
var errNoCount = errors.New("hook: the answer has no number of devices")

// CountDevices asks the program how many devices of an organization are enrolled.
func (p *Program) CountDevices(ctx context.Context, organization, key string) (int64, error) {
	id := fmt.Sprintf("devices-%s-%d", key, time.Now().UnixNano())
	status, answer, err := p.post(ctx, p.Devices, id, call{Type: counting, Data: data{Organization: organization, Service: p.Service, License: key}})
	if err != nil {
		return 0, err
	}
	if status != http.StatusOK {
		return 0, &Status{status}
	}
	var said data
	if err := json.Unmarshal(answer, &said); err != nil || said.Devices == nil || *said.Devices < 0 {
		return 0, errNoCount
	}
	return *said.Devices, nil
}

// post sends a signed call. An error never repeats the address, which may hold a secret.
func (p *Program) post(ctx context.Context, to, id string, body call) (status int, answer []byte, err error) {
	now := time.Now()
	body.Timestamp = now.UTC()
	b, err := json.Marshal(body)
	if err != nil {
		return 0, nil, err
	}
	signature, err := p.secret.Sign(id, now, b)
	if err != nil {
		return 0, nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(b))
	if err != nil {
		return 0, nil, errors.New("hook: the address is none")
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(webhooks.HeaderWebhookID, id)
	r.Header.Set(webhooks.HeaderWebhookTimestamp, fmt.Sprint(now.Unix()))
	r.Header.Set(webhooks.HeaderWebhookSignature, signature)
	got, err := p.http.Do(r)
	if err != nil {
		var where *url.Error
		if errors.As(err, &where) {
			err = where.Err
		}
		return 0, nil, err
	}
	defer func() { _ = got.Body.Close() }()
	answer, err = io.ReadAll(io.LimitReader(got.Body, longest))
	return got.StatusCode, answer, err
}

// ServeHTTP hears the program: 204 if it is understood, also for the second time; 401 if the signature is wrong, or older than five minutes; 400,
// 404 or 409 if what it says can't be; 503 if it is to say it again.
func (p *Program) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longest))
	if err != nil {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	if err := p.secret.Verify(b, r.Header); err != nil {
		p.Log.Warn("a call of a provisioner is not believed", "service", p.Service, "error", err)
		http.Error(w, "the signature is not right", http.StatusUnauthorized)
		return
	}
	var c call
	if err := json.Unmarshal(b, &c); err != nil || c.Type != activated {
		http.Error(w, "not a call of type "+activated, http.StatusBadRequest)
		return
	}
	err = p.desk.Progressed(r.Context(), p.Service, license.Progress{Activation: c.Data.Activation, State: c.Data.State, Reason: c.Data.Reason})
	switch {
	case err == nil:
		p.Log.Info("activation progressed", "activation", c.Data.Activation, "service", p.Service)
		w.WriteHeader(http.StatusNoContent)
	case errors.Is(err, license.ErrBadProgress):
		http.Error(w, "the state is in_progress, active or failed", http.StatusBadRequest)
	case errors.Is(err, license.ErrElsewhere):
		http.Error(w, "there is no such activation", http.StatusNotFound)
	case errors.Is(err, license.ErrOver):
		http.Error(w, "it is over, by another outcome", http.StatusConflict)
	default:
		p.Log.Error("a call of a provisioner was not taken in", "service", p.Service, "error", err)
		http.Error(w, "please say it again", http.StatusServiceUnavailable)
	}
}
