package helpdesk_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/markup"
	"guichet/store"
)

func TestQueriesAreRead(t *testing.T) {
	long := strings.Repeat("é", 3000)
	for _, c := range []struct {
		typed   string
		phrases []string
		ticket  store.TicketID
		cut     bool
	}{
		{"", nil, 0, false},
		{"  Écran   NOIR ", []string{"ecran", "noir"}, 0, false},
		{`"écran noir" Lyon`, []string{"ecran noir", "lyon"}, 0, false},
		{"« écran noir » “e-mail”", []string{"ecran noir", "e mail"}, 0, false},
		{`"écran noir`, []string{"ecran", "noir"}, 0, false},
		{"l'imprimante d’Anne qu’il don't", []string{"imprimante", "anne", "il", "don t"}, 0, false},
		{"cœur Cæsar", []string{"coeur", "caesar"}, 0, false},
		{"1042", []string{"1042"}, 1042, false},
		{"#1042", []string{"1042"}, 1042, false},
		{"vpn #1042 #7", []string{"vpn", "1042", "7"}, 1042, false},
		{"office 365", []string{"office", "365"}, 0, false},
		{"99999999999999999999", []string{"99999999999999999999"}, 0, false},
		{`* " NEAR( OR ) ^ : {} -- ' \ %`, []string{"near", "or"}, 0, false},
		{"😀 ´ ` ̀ ́", nil, 0, false},
		{long, []string{strings.Repeat("e", helpdesk.MaxQuery)}, 0, true},
		{"vpn " + long, []string{"vpn"}, 0, true},
		{"a b c d e f g h i j k", strings.Fields("a b c d e f g h i j"), 0, true},
		{"x-a-b-c-d-e-f-g-h-i-j-k", []string{"x a b c d e f g h i"}, 0, true},
		{"a\x00b \xff c", []string{"a b", "c"}, 0, false},
	} {
		q := helpdesk.ParseQuery(c.typed)
		same(t, fmt.Sprintf("%.40q", c.typed), []any{q.Phrases, q.Ticket, q.Cut}, []any{c.phrases, c.ticket, c.cut})
		// Its text goes with the button to the next page, and means the same there.
		again := helpdesk.ParseQuery(q.Text)
		same(t, fmt.Sprintf("%.40q again", c.typed), []any{again.Phrases, again.Ticket, again.Text}, []any{q.Phrases, q.Ticket, q.Text})
	}
}

// words are what the tickets of these tests consist of: each as it may be written, and as it is compared.
var words = map[string]string{"écran": "ecran", "ÉCRAN": "ecran", "e\u0301cran": "ecran", "noir": "noir", "vpn": "vpn", "VPN,": "vpn", "Lyon": "lyon",
	"cœur": "coeur", "l’été": "l ete", "e-mail": "e mail", "#1003": "1003", "Straße": "straße", "(or)": "or", "near": "near", "the": "the", "de": "de",
	"un\u2060*b\u2060*roken": "unbroken"}

// searched is a world that random acts have made, and what is searched in it.
type searched struct {
	*house
	r       *rand.Rand
	spell   []string
	tickets []store.TicketID
	posts   []post
	tags    map[store.TicketID]string
}

type post struct {
	by      helpdesk.Actor
	account string
	post    helpdesk.Post
}

// says is a random text.
func (s *searched) says(longest int) string {
	var text []string
	for range 1 + s.r.IntN(longest) {
		text = append(text, s.spell[s.r.IntN(len(s.spell))])
	}
	return strings.Join(text, " ")
}

// compared is a text as it is compared, with a space before and after each word.
func compared(text string) string {
	out := " "
	for _, w := range strings.Fields(text) {
		if c, ok := words[w]; ok {
			w = c
		}
		out += w + " "
	}
	return out
}

// act does something that somebody might.
func (s *searched) act(ctx context.Context, i int) {
	s.t.Helper()
	s.refresh()
	people := map[string]helpdesk.Actor{"ann": s.ann, "ben": s.ben, "max": s.max, "gus": s.gus}
	names := []string{"ann", "ben", "max", "gus"}
	name := names[s.r.IntN(4)]
	someone := people[name]
	if len(s.tickets) == 0 || s.r.IntN(4) == 0 {
		req := whole()
		req.Service, req.Subject, req.Description = []string{"office", "emm"}[s.r.IntN(2)], s.says(3), s.says(5)
		out, err := s.Open(ctx, someone, req, fmt.Sprint("random ", i))
		s.check(err)
		s.tickets = append(s.tickets, out.Ticket.ID)
		return
	}
	tk := s.ticket(s.tickets[s.r.IntN(len(s.tickets))])
	agent, account := s.ada, "ada"
	if tk.Queue == "emm" {
		agent, account = s.eve, "eve"
	}
	switch s.r.IntN(9) {
	case 0, 1: // an agent says something, which the requester is to read, or not
		p := s.post(tk, store.DeskSide, fmt.Sprint("d", i), []string{"", "note: ", "reply: "}[s.r.IntN(3)]+s.says(5))
		s.link(tk)
		_, err := s.Hear(ctx, agent, account, p)
		s.check(err)
		s.posts = append(s.posts, post{agent, account, p})
	case 2: // somebody adds something, if they may
		p := s.post(tk, store.RequesterSide, fmt.Sprint("r", i), s.says(5))
		s.link(tk)
		if _, err := s.Hear(ctx, someone, name, p); err == nil {
			s.posts = append(s.posts, post{someone, name, p})
		}
	case 3, 4: // somebody edits or deletes what they wrote, or tries to
		if len(s.posts) > 0 {
			p := s.posts[s.r.IntN(len(s.posts))]
			text := ""
			if s.r.IntN(2) == 0 {
				text = []string{"", "note: "}[s.r.IntN(2)] + s.says(5)
			}
			_, err := s.revise(p.by, p.account, p.post, text)
			if err != nil && !helpdesk.IsRefusal(err, helpdesk.UnknownTicket) {
				s.check(err)
			}
		}
	case 5:
		to := map[string]string{"emm": "support", "support": "emm"}[tk.Queue]
		_, err := s.Change(ctx, agent, tk.ID, helpdesk.Change{Act: helpdesk.Transfer, To: to, Reason: "x", Any: true}, fmt.Sprint("move ", i))
		s.check(err)
	case 6:
		if someone.Organization == tk.Organization && someone.Person != tk.Requester {
			s.add(tk, someone)
		}
	case 7:
		_, _ = s.Unfollow(ctx, someone, tk.ID)
	case 8:
		s.tags[tk.ID] = s.says(2)
		s.check(s.db.Write(ctx, func(tx *store.Tx) error { return tx.IndexTags(ctx, tk.ID, s.tags[tk.ID]) }))
	}
}

// readable is what somebody may read: of each ticket the texts that are documents.
func (s *searched) readable(ctx context.Context, a helpdesk.Actor) map[store.TicketID][]string {
	s.t.Helper()
	texts := map[store.TicketID][]string{}
	for _, id := range s.tickets {
		v, err := s.View(ctx, a, id, helpdesk.Latest)
		if helpdesk.IsRefusal(err, helpdesk.UnknownTicket) {
			continue
		}
		s.check(err)
		agent := slices.Contains(v.Standing.Queues, v.Queue)
		texts[id] = []string{compared(v.Subject)}
		if tags, ok := s.tags[id]; ok && agent {
			texts[id] = append(texts[id], compared(v.Subject+" "+tags))
		}
		for _, m := range v.Messages {
			if !m.Deleted() && (agent || !m.HeldUntil.After(s.clock())) {
				texts[id] = append(texts[id], compared(v.Subject+" "+m.Body))
			}
		}
	}
	return texts
}

// expected is what somebody should find, by looking at every ticket.
func expected(texts map[store.TicketID][]string, q helpdesk.Query) (ids []store.TicketID) {
	for id, ts := range texts {
		if id != q.Ticket && slices.ContainsFunc(ts, func(text string) bool {
			return !slices.ContainsFunc(q.Phrases, func(p string) bool { return !strings.Contains(text, " "+p+" ") })
		}) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	slices.Reverse(ids)
	if _, seen := texts[q.Ticket]; seen {
		ids = append([]store.TicketID{q.Ticket}, ids...)
	}
	return ids
}

// finds reads all pages of what somebody finds.
func (h *house) finds(ctx context.Context, a helpdesk.Actor, typed string) (ids []store.TicketID) {
	h.t.Helper()
	for before := store.TicketID(0); ; {
		f, err := h.Search(ctx, a, helpdesk.ParseQuery(typed), before)
		h.check(err)
		if len(f.Tickets) > helpdesk.ListShown || f.Next != 0 && len(f.Tickets) != helpdesk.ListShown {
			h.t.Errorf("%q: a page of %d, next %d", typed, len(f.Tickets), f.Next)
		}
		for _, t := range f.Tickets {
			ids = append(ids, t.ID)
		}
		if before = f.Next; before == 0 {
			return ids
		}
	}
}

// Whatever people have written, edited, taken back, moved and tagged: each finds what they may read, and nothing else.
func TestSearchFindsWhatOneMayRead(t *testing.T) {
	n := seed(t)
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.Catalog().Queues[0].Undo = 30 * time.Second
		s := &searched{house: h, r: rand.New(rand.NewPCG(n, 1)), tags: map[store.TicketID]string{}}
		for w := range words {
			s.spell = append(s.spell, w)
		}
		slices.Sort(s.spell)
		for i := range 300 {
			s.act(ctx, i)
			if s.r.IntN(3) == 0 {
				h.age(7 * time.Second)
			}
			h.looked = time.Time{} // who is an agent is looked up meanwhile
		}
		h.refresh()
		something := 0
		for name, who := range map[string]helpdesk.Actor{"requester": h.ann, "colleague": h.ben, "manager": h.max, "manager elsewhere": h.gus,
			"agent": h.ada, "agent of emm": h.eve, "administrator": h.administrator("tom", "office"), "administrator elsewhere": h.administratorAt("slack:T2", "tia", "emm", "office")} {
			texts := s.readable(ctx, who)
			for i := range 60 {
				q := helpdesk.ParseQuery(markup.FromCanonical(s.says(1 + i%3)).Plain())
				want := expected(texts, q)
				if got := h.finds(ctx, who, q.Text); !slices.Equal(got, want) {
					t.Errorf("%s finds %q in %v, want %v", name, q.Text, got, want)
				}
				something += len(want)
			}
		}
		if something < 200 {
			t.Errorf("only %d were found: what is searched is too rare", something)
		}
	})
}
