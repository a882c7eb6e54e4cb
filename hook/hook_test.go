package hook

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"guichet/license"
	"guichet/store"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// program is one that is somewhere else, and answers as a test says.
func program(t *testing.T, answer func(w http.ResponseWriter, body string)) *Program {
	t.Helper()
	believes, err := webhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		if err := believes.Verify(b, r.Header); err != nil {
			t.Errorf("its signature is not right: %v", err)
		}
		answer(w, string(b))
	}))
	t.Cleanup(s.Close)
	p, err := New(Options{Service: "office", URL: s.URL, Devices: s.URL + "/devices?key=sesame", Secret: secret, Link: "https://guichet.acme.example", Log: slog.New(slog.DiscardHandler)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func job() license.Job {
	return license.Job{ActivationView: license.ActivationView{License: license.License{Key: "basic", Service: "office"},
		Activation: store.Activation{ID: 7, Organization: "acme", License: "basic", Quantity: 12, State: store.Requested}}}
}

// What a program answers to a call is where the activation stands, or a reason to ask again.
func TestProvision(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		answer string
		want   license.Progress
		again  bool
	}{
		{"accepted", 202, "", license.Progress{Activation: 7, State: "in_progress"}, false},
		{"done at once", 200, `{"state": "active"}`, license.Progress{Activation: 7, State: "active"}, false},
		{"failed", 200, `{"state": "failed", "reason": "No such plan."}`, license.Progress{Activation: 7, State: "failed", Reason: "No such plan."}, false},
		{"no JSON", 200, `<html>ok</html>`, license.Progress{Activation: 7, State: "in_progress"}, false},
		{"refused", 422, `{"reason": "Unknown license."}`, license.Progress{Activation: 7, State: "failed", Reason: "Unknown license."}, false},
		{"refused without a word", 404, "", license.Progress{Activation: 7, State: "failed", Reason: "HTTP 404"}, false},
		{"refused, and says that it is active", 400, `{"state": "active"}`, license.Progress{Activation: 7, State: "failed", Reason: "HTTP 400"}, false},
		{"too many", 429, "", license.Progress{}, true},
		{"a fault", 500, "", license.Progress{}, true},
		{"elsewhere", 302, "", license.Progress{}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var sent call
			p := program(t, func(w http.ResponseWriter, body string) {
				if err := json.Unmarshal([]byte(body), &sent); err != nil {
					t.Error(err)
				}
				w.Header().Set("Location", "https://elsewhere.example/")
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.answer))
			})
			got, err := p.Provision(t.Context(), job())
			if (err != nil) != c.again || !c.again && got != c.want {
				t.Errorf("it is %+v, %v", got, err)
			}
			want := data{Activation: 7, Organization: "acme", Service: "office", License: "basic", Quantity: 12, Callback: "https://guichet.acme.example/provisioner/office"}
			if sent.Type != "license.activate" || sent.Data != want {
				t.Errorf("it was asked %+v", sent)
			}
		})
	}
}

// A program that does not answer is an error without its address.
func TestAProgramThatIsAway(t *testing.T) {
	p := program(t, func(http.ResponseWriter, string) { time.Sleep(50 * time.Millisecond) })
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	if _, err := p.CountDevices(ctx, "acme", "basic"); !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "sesame") {
		t.Errorf("it is %v", err)
	}
}

func TestCountDevices(t *testing.T) {
	for answer, want := range map[string]int64{`{"devices": 0}`: 0, `{"devices": 12}`: 12, `{}`: -1, `{"devices": -1}`: -1, `{"devices": "12"}`: -1, ``: -1} {
		p := program(t, func(w http.ResponseWriter, body string) {
			if !strings.Contains(body, `"type":"devices.count"`) || !strings.Contains(body, `"license":"basic"`) {
				t.Errorf("it was asked %s", body)
			}
			_, _ = w.Write([]byte(answer))
		})
		n, err := p.CountDevices(t.Context(), "acme", "basic")
		if (err == nil) != (want >= 0) || err == nil && n != want {
			t.Errorf("%q is %d, %v", answer, n, err)
		}
	}
}

// What is not signed, or not so, or long ago, is not believed: nothing is looked up for it.
func TestWhoIsNotBelieved(t *testing.T) {
	p := program(t, nil)
	signs, _ := webhooks.NewWebhook(secret)
	body := []byte(`{"type": "license.activated", "data": {"activation": 7, "state": "active"}}`)
	for name, spoil := range map[string]func(h http.Header, at *time.Time){
		"not signed":        func(h http.Header, _ *time.Time) { h.Del(webhooks.HeaderWebhookSignature) },
		"signed by another": func(h http.Header, _ *time.Time) { h.Set(webhooks.HeaderWebhookSignature, "v1,AAAA") },
		"under another id":  func(h http.Header, _ *time.Time) { h.Set(webhooks.HeaderWebhookID, "another") },
		"an hour ago":       func(_ http.Header, at *time.Time) { *at = at.Add(-time.Hour) },
		"in an hour":        func(_ http.Header, at *time.Time) { *at = at.Add(time.Hour) },
		"by an older version": func(h http.Header, _ *time.Time) {
			h.Set(webhooks.HeaderWebhookSignature, "v0,"+h.Get(webhooks.HeaderWebhookSignature)[3:])
		},
	} {
		at := time.Now()
		h := http.Header{}
		if strings.HasSuffix(name, "hour") || strings.HasSuffix(name, "ago") {
			spoil(h, &at)
		}
		signature, _ := signs.Sign("id", at, body)
		h.Set(webhooks.HeaderWebhookID, "id")
		h.Set(webhooks.HeaderWebhookTimestamp, itoa(at.Unix()))
		h.Set(webhooks.HeaderWebhookSignature, signature)
		spoil(h, &at)
		r := httptest.NewRequest(http.MethodPost, "/provisioner/office", strings.NewReader(string(body)))
		r.Header = h
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized {
			t.Errorf("%s: HTTP %d", name, w.Code)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/provisioner/office", strings.NewReader(strings.Repeat("x", longest+1)))
	w := httptest.NewRecorder()
	if p.ServeHTTP(w, r); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: HTTP %d", w.Code)
	}
}

func itoa(n int64) string { b, _ := json.Marshal(n); return string(b) }
