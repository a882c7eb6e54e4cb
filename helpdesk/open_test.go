package helpdesk_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"guichet/helpdesk"
	"guichet/store"
)

func TestOpen(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()

		h.run("tells both sides and keeps what was typed", func(t *testing.T) {
			r := whole()
			r.Subject, r.Description = "  Pas de courriel 👩🏽‍💻 ", "<!channel> </script>\n\u05e9\u05dc\u05d5\u05dd  "
			out, err := h.Open(ctx, h.ann, r, "typed")
			h.check(err)
			if !out.Changed || out.Ticket.State != "new" || out.Ticket.Queue != "emm" || out.Ticket.Priority != "low" {
				t.Errorf("opened %+v", out.Ticket)
			}
			same(t, "told", h.told(out.Ticket.ID), "desk: card; requester: card")
			ms, es := h.history(out.Ticket.ID)
			if len(ms) != 1 || ms[0].Body != r.Description || ms[0].Author != h.ann.Person || ms[0].Audience != store.Public ||
				ms[0].Side != store.RequesterSide || len(es) != 1 || es[0].Act != "open" {
				t.Errorf("history %+v %+v", ms, es)
			}
			saved := h.ticket(out.Ticket.ID)
			if saved.Subject != strings.TrimSpace(r.Subject) || saved.Details["device"] != "iPhone 15" || saved.Organization != "acme" ||
				saved.Requester != h.ann.Person || saved.Origin != "slack:T1" {
				t.Errorf("saved %+v", saved)
			}
		})

		h.run("leaves out what its form does not ask", func(t *testing.T) {
			r := whole()
			r.Kind, r.Service = helpdesk.Information, "office"
			out, err := h.Open(ctx, h.ann, r, "plain")
			h.check(err)
			if saved := h.ticket(out.Ticket.ID); saved.Impact != "" || saved.Urgency != "" || len(saved.Details) > 0 || saved.Queue != "support" {
				t.Errorf("saved %+v", saved)
			}
		})

		h.run("happens once for a form that is sent twice", func(t *testing.T) {
			first, err := h.Open(ctx, h.ann, whole(), "twice")
			h.check(err)
			h.told(0)
			changed := whole()
			changed.Subject = "Something else"
			second, err := h.Open(ctx, h.ann, changed, "twice")
			h.check(err)
			if second.Ticket.ID != first.Ticket.ID || second.Changed || second.Ticket.Subject != whole().Subject {
				t.Errorf("the second time: %+v", second)
			}
			same(t, "told", h.told(first.Ticket.ID), "")
		})

		h.run("happens once for a form that is sent several times at once", func(t *testing.T) {
			ids, changed := map[store.TicketID]bool{}, 0
			var mu sync.Mutex
			together(6, func(int) {
				out, err := h.Open(ctx, h.ann, whole(), "at once")
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				ids[out.Ticket.ID] = true
				if out.Changed {
					changed++
				}
			})
			if len(ids) != 1 || changed != 1 {
				t.Errorf("%d tickets, opened %d times", len(ids), changed)
			}
			for id := range ids {
				same(t, "told", h.told(id), "desk: card; requester: card")
			}
		})

		h.run("refuses somebody else's form, who learns nothing of it", func(t *testing.T) {
			first, err := h.Open(ctx, h.ann, whole(), "hers")
			h.check(err)
			h.told(0)
			for _, other := range []helpdesk.Actor{h.ben, h.max, h.ada} {
				out, err := h.Open(ctx, other, whole(), "hers")
				refused(t, "another's form", err, helpdesk.NotYourForm)
				var r *helpdesk.Refusal
				if errors.As(err, &r) && r.Ticket.ID != 0 || out.Ticket.ID != 0 || out.Changed {
					t.Errorf("learned of %+v, %v", out, err)
				}
			}
			ms, es := h.history(first.Ticket.ID)
			if len(ms) != 1 || len(es) != 1 {
				t.Errorf("history %+v %+v", ms, es)
			}
			same(t, "told", h.told(first.Ticket.ID), "")
		})

		h.run("refuses a bad form before anything is written", func(t *testing.T) {
			r := whole()
			r.Subject = ""
			_, err := h.Open(ctx, h.ann, r, "bad")
			refused(t, "no subject", err, helpdesk.BadForm)
			out, err := h.Open(ctx, h.ann, whole(), "bad") // its nonce is not used up
			h.check(err)
			if !out.Changed {
				t.Error("the form sent again opened nothing")
			}
		})
	})
}

func TestMeet(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.run("records one person for several first requests at once", func(t *testing.T) {
			var mu sync.Mutex
			ids := map[store.PersonID]bool{}
			together(5, func(int) {
				p, err := h.Meet(ctx, store.Account{Workspace: "slack:T1", ID: "new"}, "New", "")
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				ids[p.ID] = true
				if p.Language != "fr" || p.Organization != "acme" {
					t.Errorf("met %+v", p)
				}
			})
			if len(ids) != 1 {
				t.Errorf("%d persons", len(ids))
			}
		})
		h.run("refuses a workspace that is nobody's", func(t *testing.T) {
			_, err := h.Meet(ctx, store.Account{Workspace: "slack:T404", ID: "x"}, "X", "")
			refused(t, "stranger", err, helpdesk.Stranger)
			if _, err := h.Known(ctx, store.Account{Workspace: "slack:T404", ID: "x"}); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("known all the same: %v", err)
			}
		})
		h.run("tells accounts of the same name in two workspaces apart", func(t *testing.T) {
			p, err := h.Meet(ctx, store.Account{Workspace: "slack:T2", ID: "ann"}, "Other Ann", "fr")
			h.check(err)
			if p.ID == h.ann.Person || p.Organization != "globex" || p.Language != "fr" {
				t.Errorf("met %+v", p)
			}
		})
	})
}

func TestDraft(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.check(h.SaveDraft(ctx, h.ann, "n", map[string]string{"kind": "incident"}))
		h.check(h.SaveDraft(ctx, h.ann, "n", map[string]string{"kind": "information", "subject": "é👍"}))
		h.check(h.SaveDraft(ctx, h.ben, "n", map[string]string{"kind": "stolen"}))
		got, err := h.Draft(ctx, h.ann, "n")
		h.check(err)
		same(t, "draft", got, map[string]string{"kind": "information", "subject": "é👍"})
		for _, c := range []struct {
			who   helpdesk.Actor
			nonce string
		}{{h.ben, "n"}, {h.ann, "other"}, {h.ann, ""}, {helpdesk.Actor{}, "n"}} {
			if got, err := h.Draft(ctx, c.who, c.nonce); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%v, %q: %v, %v", c.who, c.nonce, got, err)
			}
		}
	})
}
