package mail

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

// asks is what the page is about: Alice says that an address is hers.
func asks(language string) helpdesk.Asked {
	return helpdesk.Asked{Confirmation: store.Confirmation{ID: 12, Person: 7, Address: "alice@acme.example", CreatedAt: store.At(time.Unix(1_800_000_000, 0))},
		Person: store.Person{ID: 7, Name: "Alice <b>Martin</b>", Language: language}, Organization: helpdesk.Organization{Name: "Acme & Sons"}}
}

func visit(d *Door, method, path, accepts string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("Accept-Language", accepts)
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

func TestThePageOfALink(t *testing.T) {
	for language, want := range map[string][]string{
		"en": {`<html lang="en">`, "Alice &lt;b&gt;Martin&lt;/b&gt; (Acme &amp; Sons) says that alice@acme.example", "<button>Confirm</button>", "close this page"},
		"fr": {`<html lang="fr">`, "Alice &lt;b&gt;Martin&lt;/b&gt; (Acme &amp; Sons) indique que alice@acme.example", "<button>Confirmer</button>", "fermez cette page"},
	} {
		d, desk := newDoor(secret)
		desk.asked = asks(language)
		link := d.linkOf(desk.asked.Confirmation)
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodGet} { // as scanners of mail do
			w := visit(d, method, link, "de")
			if w.Code != http.StatusOK || desk.confirmed != 0 {
				t.Errorf("%s: %d, and confirmed %d times", method, w.Code, desk.confirmed)
			}
			for _, words := range want {
				if method == http.MethodGet && !strings.Contains(w.Body.String(), words) {
					t.Errorf("%s: there is no %q in\n%s", language, words, w.Body)
				}
			}
			for header, says := range map[string]string{"Content-Security-Policy": "default-src 'none'", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
				"X-Robots-Tag": "noindex", "X-Content-Type-Options": "nosniff", "Content-Type": "text/html; charset=utf-8"} {
				if !strings.Contains(w.Header().Get(header), says) {
					t.Errorf("%s is %q", header, w.Header().Get(header))
				}
			}
		}
		for _, other := range []string{"<script", "src=", "href=", "http:", "https:"} {
			if strings.Contains(visit(d, http.MethodGet, link, "").Body.String(), other) {
				t.Errorf("the page has %q", other)
			}
		}
		if w := visit(d, http.MethodPost, link, ""); w.Code != http.StatusOK || desk.confirmed != 1 || strings.Contains(w.Body.String(), "<button>") {
			t.Errorf("pressed: %d, and confirmed %d times", w.Code, desk.confirmed)
		}
	}
}

// A link counts for what it was made for, by one of the secrets, and for nothing else: whatever is wrong with it, the
// page says the same, in the browser's language, and the log does not tell it.
func TestLinksThatCountForNothing(t *testing.T) {
	const later = "fedcba9876543210fedcba9876543210"
	old, desk := newDoor(secret)
	desk.asked = asks("fr")
	link := old.linkOf(desk.asked.Confirmation)
	mac := link[strings.IndexByte(link, '.')+1:]
	var log bytes.Buffer
	var first string
	gone := func(name string, d *Door, path string) {
		t.Helper()
		d.Log = slog.New(slog.NewTextHandler(&log, nil))
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			w := visit(d, method, path, "fr-CA, en;q=0.5")
			if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), `lang="fr"`) || first != "" && w.Body.String() != first {
				t.Errorf("%s, %s: %d\n%s", name, method, w.Code, w.Body)
			}
			first = w.Body.String()
		}
	}
	both, desk2 := newDoor(later, secret)
	desk2.asked = desk.asked
	if w := visit(both, http.MethodPost, link, ""); w.Code != http.StatusOK || desk2.confirmed != 1 {
		t.Errorf("by the secret of before: %d", w.Code)
	}
	if both.linkOf(desk.asked.Confirmation) == link {
		t.Error("the old secret signs")
	}
	new, desk3 := newDoor(later)
	desk3.asked = desk.asked
	gone("by a secret that was given up", new, link)
	gone("an answer's signature", old, ConfirmPath+"12."+sign(secret, "12-7"))
	gone("none", old, ConfirmPath+"12.")
	for name, change := range map[string]func(*helpdesk.Asked){
		"another person's":         func(a *helpdesk.Asked) { a.Confirmation.Person = 8 },
		"for another address":      func(a *helpdesk.Asked) { a.Address = "bob@acme.example" },
		"of another moment":        func(a *helpdesk.Asked) { a.CreatedAt = store.At(a.CreatedAt.Add(time.Millisecond)) },
		"with another number":      func(a *helpdesk.Asked) { a.ID = 13 },
		"into another's address":   func(a *helpdesk.Asked) { a.Confirmation.Person, a.Address = 71, " alice@acme.example" },
		"with a cut-off signature": func(*helpdesk.Asked) {},
	} {
		desk.asked = asks("fr")
		path := link
		if change(&desk.asked); name == "with a cut-off signature" {
			path = link[:len(link)-1]
		}
		gone(name, old, path)
	}
	desk.asked, desk.err = helpdesk.Asked{}, helpdesk.ErrLapsed
	gone("lapsed", old, link)
	if desk.confirmed+desk3.confirmed != 0 {
		t.Error("something was confirmed")
	}
	for _, told := range []string{mac, "alice@acme.example", "/confirm/"} {
		if strings.Contains(log.String(), told) {
			t.Errorf("the log tells %q:\n%s", told, &log)
		}
	}
}

// An address of somebody elsewhere can't be had, and who that is nobody learns; nor whether there is such a
// confirmation, without the link.
func TestThePageOfAnotherOrganizationsAddress(t *testing.T) {
	d, desk := newDoor(secret)
	desk.asked, desk.err = asks("en"), &helpdesk.Refusal{Code: helpdesk.Filed}
	link := d.linkOf(desk.asked.Confirmation)
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if w := visit(d, method, link, ""); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "another organization") || strings.Contains(w.Body.String(), "<button>") {
			t.Errorf("%s: %d\n%s", method, w.Code, w.Body)
		}
		if w := visit(d, method, link[:len(link)-2]+"aa", ""); w.Code != http.StatusNotFound {
			t.Errorf("%s, forged: %d", method, w.Code)
		}
	}
	desk.err = errors.New("the database does not answer")
	if w := visit(d, http.MethodPost, link, "en"); w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "database") {
		t.Errorf("a fault: %d\n%s", w.Code, w.Body)
	}
}
