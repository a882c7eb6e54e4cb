package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"guichet/hook"
)

// A manager has licenses made usable; agents do it from their card, or say why not.
func TestAgentsProvisionInSlack(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.estate() // 12 ordered, 10 activated
		d.shows(d.licenses(alice, "activate"), "looked after by the managers")
		if errs := d.fill(martin, d.licenses(martin, ""), "activate", map[string]string{"license": "office-basic", "quantity": "3"}); !strings.Contains(errs["quantity"], "2 can be activated: 12 ordered, 10 activated") {
			t.Errorf("too many: %q", errs)
		}
		activate := func(n string) {
			t.Helper()
			if errs := d.fill(martin, d.licenses(martin, ""), "activate", map[string]string{"license": "office-basic", "quantity": n}); len(errs) > 0 {
				t.Fatalf("activated: %q", errs)
			}
		}
		activate("1")
		card := d.find(support, "#1001 Activate 1 license of Office, Basic", "Provisioned", "Failed")
		d.shows(d.licenses(martin, ""), "1 being activated")
		d.settle()
		d.forge(alice, card, "provisioned", "1001/desk")
		d.press(nadia, card, "take")
		d.find(martin, ": in progress", "1 license of Office, Basic is being made usable")
		d.press(nadia, card, "provisioned")
		d.find(martin, ": active", "1 license of Office, Basic is usable now")
		d.press(oliver, card, "provisioned")
		d.shows(d.licenses(martin, ""), "12 ordered, 11 activated, 7 assigned, 4 free")
		d.find(support, "#1001", "Resolved")

		activate("1")
		card = d.find(support, "#1002 Activate")
		d.settle()
		if errs := d.fill(nadia, card, "notdone", map[string]string{"reason": " "}); !strings.Contains(errs["reason"], "Please fill this in") {
			t.Errorf("no reason: %q", errs)
		}
		d.fill(nadia, card, "notdone", map[string]string{"reason": "The vendor is down."})
		failed := d.find(martin, ": failed", "The vendor is down.", "Try again")
		d.fill(martin, failed, "activate", map[string]string{"license": "office-basic", "quantity": "1"})
		d.find(support, "#1003 Activate")
	})
}

const provisionerSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// provisioner is a program somewhere else: it takes what it is asked, when it is well, and calls back.
type provisioner struct {
	t     *testing.T
	signs *webhooks.Webhook

	mu    sync.Mutex
	ill   int // so often it fails
	asked []string
}

func (p *provisioner) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b, _ := io.ReadAll(r.Body)
	if err := p.signs.Verify(b, r.Header); err != nil {
		p.t.Error(err)
	}
	p.asked = append(p.asked, r.Header.Get(webhooks.HeaderWebhookID))
	if p.ill > 0 {
		p.ill--
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// calls calls guichet back.
func (p *provisioner) calls(d *desk, service, id, state string, spoil func(http.Header)) int {
	p.t.Helper()
	body, _ := json.Marshal(map[string]any{"type": "license.activated", "data": map[string]any{"activation": 1, "state": state}})
	now := time.Now()
	signature, _ := p.signs.Sign(id, now, body)
	r, _ := http.NewRequest(http.MethodPost, "http://"+d.app.Address()+hook.Path+service, bytes.NewReader(body))
	r.Header.Set(webhooks.HeaderWebhookID, id)
	r.Header.Set(webhooks.HeaderWebhookTimestamp, fmt.Sprint(now.Unix()))
	r.Header.Set(webhooks.HeaderWebhookSignature, signature)
	if spoil != nil {
		spoil(r.Header)
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	_ = got.Body.Close()
	return got.StatusCode
}

// A program makes licenses usable, after it was ill for a while and guichet was started anew; it is believed by its signature alone.
func TestAProgramProvisions(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		signs, err := webhooks.NewWebhook(provisionerSecret)
		if err != nil {
			t.Fatal(err)
		}
		p := &provisioner{t: t, signs: signs, ill: 2}
		s := httptest.NewServer(p)
		t.Cleanup(s.Close)
		d.provisioner = provisionerSecret
		d.restart(func(text string) string {
			return strings.Replace(text, "    name: Office\n", "    name: Office\n    provisioner: {by: webhook, url: "+s.URL+"}\n", 1)
		})
		d.estate()
		d.answer(martin, general, func() { d.guichet(martin, general, "language fr") })
		d.fill(martin, d.licenses(martin, ""), "activate", map[string]string{"license": "office-basic", "quantity": "2"})
		d.find(martin, "Activation 1", "demandée", "2 licences Office, Essentiel vont être mises en service")
		d.restart(func(text string) string { return text })
		d.find(martin, "Activation 1", "en cours")
		p.mu.Lock()
		for _, id := range p.asked {
			if id != "activation-1" {
				t.Errorf("it was asked by %q", p.asked)
			}
		}
		p.mu.Unlock()
		for what, c := range map[string]struct {
			service, state string
			spoil          func(http.Header)
			want           int
		}{
			"a signature that is not right": {"office", "active", func(h http.Header) { h.Set(webhooks.HeaderWebhookSignature, "v1,AAAA") }, 401},
			"a service without a program":   {"emm", "active", nil, 404},
			"no state":                      {"office", "done", nil, 400},
			"as before":                     {"office", "in_progress", nil, 204},
		} {
			if got := p.calls(d, c.service, "call", c.state, c.spoil); got != c.want {
				t.Errorf("%s: HTTP %d", what, got)
			}
		}
		d.times(3, func() {
			if got := p.calls(d, "office", "done", "active", nil); got != 204 {
				t.Errorf("HTTP %d", got)
			}
		})
		if got := p.calls(d, "office", "after all", "failed", nil); got != 409 {
			t.Errorf("failed after all: HTTP %d", got)
		}
		d.find(martin, "Activation 1", "active", "sont en service et peuvent être affectées")
		d.shows(d.licenses(martin, ""), "12 activées, 7 affectées, 5 libres")
		d.settle()
		if n := len(d.containing(martin, "sont en service et peuvent")); n != 1 {
			t.Errorf("told %d times", n)
		}
	})
}

// The same by agents in Mattermost, in French.
func TestAgentsProvisionInMattermost(t *testing.T) {
	onceAcrossPlatforms(t, true, func(t *testing.T, d *desk, m *team) {
		d.restart(func(s string) string { return strings.Replace(s, `"acme:U02MARTIN"`, `"acme-mm:`+m.lucas+`"`, 1) })
		d.estate()
		d.click(m.lucas, d.types(m.lucas, "/licence", ""), "Activer")
		d.sendForm(m.lucas, map[string]any{"license": "office-basic", "quantity": "2"})
		d.click(m.nina, d.shownIn(m.queue, "#1001 Activer 2 licences Office, Essentiel"), "Provisioned")
		d.shownIn(m.Direct(m.lucas), "Activation 1", "2 licences Office, Essentiel sont en service")
	})
}
