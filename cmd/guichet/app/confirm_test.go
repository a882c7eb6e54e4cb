package app_test

import (
	"io"
	"net/http"
	"net/mail"
	"regexp"
	"strings"
	"testing"

	"guichet/internal/postoffice"
	"guichet/store/storetest"
)

var linkPattern = regexp.MustCompile(`https://guichet\.acme\.example(/confirm/[0-9]+\.[a-z0-9]+)`)

// link waits for the mail with the link for an address, and returns its path: that of the nth.
func (d *desk) link(p *postoffice.Server, address string, n int) string {
	d.t.Helper()
	var found [][]string
	d.eventually("a link came to "+address, func() bool {
		found = nil
		for _, m := range p.Mails(address) {
			if one := linkPattern.FindStringSubmatch(m.Whole); one != nil {
				found = append(found, one)
			}
		}
		return len(found) >= n
	})
	return found[n-1][1]
}

// visit asks guichet for a page as a browser does.
func (d *desk) visit(method, path string) (status int, page string) {
	d.t.Helper()
	r, err := http.NewRequestWithContext(d.t.Context(), method, "http://"+d.app.Address()+path, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, header := range []string{"Content-Security-Policy", "Referrer-Policy", "Cache-Control"} {
		if answer.Header.Get(header) == "" && strings.HasPrefix(path, "/confirm/") && answer.StatusCode != http.StatusMethodNotAllowed {
			d.t.Errorf("%s has no %s", path, header)
		}
	}
	return answer.StatusCode, string(body)
}

// details has somebody fill in the form for their details in Slack.
func (d *desk) details(who string, values map[string]string) map[string]string {
	d.t.Helper()
	p := d.slack.OpenTest(d.t, who)
	defer p.Close()
	if err := d.slack.Command(d.t.Context(), who, general, "/guichet", "profile"); err != nil {
		d.t.Fatal(err)
	}
	return d.form(p, values)
}

// A changed address counts only once the new one has confirmed a one-time link.
func TestAnAddressIsConfirmed(t *testing.T) {
	byMailOnce(t, func(t *testing.T, d *desk, p *postoffice.Server) {
		card := d.card(d.open(alice, "Outlook", "Does not start."))
		for _, wrong := range []string{"alice", "a@b", desksAddress, "support+x@acme.example", strings.Repeat("a", 250) + "@acme.example"} {
			if errs := d.details(alice, map[string]string{"mail": wrong}); errs["mail"] == "" {
				t.Errorf("%q is taken", wrong)
			}
		}
		to := alicesMail.Address
		if errs := d.details(alice, map[string]string{"mail": strings.ToUpper(to), "by_mail": "all"}); len(errs) > 0 {
			t.Fatal(errs)
		}
		d.find(alice, "We have written to "+to)
		first := d.link(p, to, 1)
		d.write(nadia, support, "too early", card.TS)
		d.settle()
		if n := d.number("SELECT COUNT(*) FROM people WHERE mail <> ''"); n != 0 || len(p.Mails(to)) != 1 {
			t.Error("it counts without the link")
		}

		// Another link takes the first one's place. Looking at a page changes nothing.
		d.details(alice, map[string]string{"mail": to})
		second := d.link(p, to, 2)
		forged := second[:len(second)-1] + string(second[len(second)-1]^1)
		for name, path := range map[string]string{"overtaken": first, "forged": forged, "of another": strings.Replace(second, "/2.", "/1.", 1),
			"no number": "/confirm/x." + second[strings.IndexByte(second, '.')+1:], "nothing": "/confirm/", "no signature": strings.Split(second, ".")[0]} {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				if status, page := d.visit(method, path); status != http.StatusNotFound || !strings.Contains(page, "no longer counts") {
					t.Errorf("%s, %s: %d %s", name, method, status, page)
				}
			}
		}
		for range 3 {
			if status, page := d.visit(http.MethodGet, second); status != http.StatusOK || !containsAll(page, []string{"Alice Martin (Acme Industries) says that " + to, "<button>Confirm</button>", `lang="en"`}) {
				t.Errorf("%d %s", status, page)
			}
		}
		if n := d.number("SELECT COUNT(*) FROM people WHERE mail <> ''"); n != 0 {
			t.Error("it counts without a press")
		}
		if status, page := d.visit(http.MethodPost, second); status != http.StatusOK || !strings.Contains(page, to+" is confirmed") {
			t.Errorf("%d %s", status, page)
		}
		d.find(alice, to+" is confirmed. Replies by mail: All of them.")
		if status, _ := d.visit(http.MethodPost, second); status != http.StatusNotFound {
			t.Errorf("pressed twice: %d", status)
		}
		d.write(nadia, support, "now", card.TS)
		d.got(p, to, "Nadia Benali wrote", "now")
		if n := d.number("SELECT COUNT(*) FROM person_events WHERE field = 'mail' AND became = '" + to + "' AND source = 'mail'"); n != 1 {
			t.Errorf("%d events", n)
		}

		// Not too often, to whomever; and an address can be given up.
		for range 3 {
			d.details(alice, map[string]string{"mail": "victim@elsewhere.example"})
		}
		if errs := d.details(alice, map[string]string{"mail": "victim@elsewhere.example"}); !strings.Contains(errs["mail"], "wait an hour") {
			t.Errorf("a sixth link within the hour: %v", errs)
		}
		if errs := d.details(alice, map[string]string{"mail": ""}); len(errs) > 0 {
			t.Error(errs)
		}
		d.settle()
		if n := d.number("SELECT COUNT(*) FROM people WHERE mail <> ''") + d.number("SELECT COUNT(*) FROM accounts WHERE workspace = 'mail'"); n != 0 {
			t.Error("the address is still theirs")
		}
		for _, secret := range []string{strings.Split(second, ".")[1], "victim@", "too early"} {
			if strings.Contains(d.log.String(), secret) {
				t.Errorf("the log tells %q", secret)
			}
		}
	})
}

// A link lapses after a day.
func TestALinkLapses(t *testing.T) {
	byMailOnce(t, func(t *testing.T, d *desk, p *postoffice.Server) {
		d.details(alice, map[string]string{"mail": alicesMail.Address})
		link := d.link(p, alicesMail.Address, 1)
		d.exec("UPDATE confirmations SET created_at = created_at - 86500000")
		if status, _ := d.visit(http.MethodPost, link); status != http.StatusNotFound {
			t.Errorf("after a day: %d", status)
		}
	})
}

// Somebody wrote by mail, and later confirms that address in Slack: one person, whose conversations stay where they began.
func TestWhoWroteByMailAndTypesInSlackIsOnePerson(t *testing.T) {
	byMail(t, func(t *testing.T, d *desk, p *postoffice.Server) {
		p.Write(alicesMail, desksAddress, "By mail", "Written at home.")
		byMail := d.find(support, "By mail", "Written at home.")
		d.got(p, alicesMail.Address, "has reached")
		d.open(alice, "By chat", "Typed at work.")
		byChat := d.find(support, "By chat", "Typed at work.")
		d.details(alice, map[string]string{"mail": alicesMail.Address, "by_mail": "none"})
		d.visit(http.MethodPost, d.link(p, alicesMail.Address, 1))
		d.find(alice, "is confirmed")
		d.shows(d.ask(alice, "list"), "By mail", "By chat")

		d.write(nadia, support, "to the mailbox", byMail.TS)
		d.got(p, alicesMail.Address, "to the mailbox")
		d.write(nadia, support, "to the chat", byChat.TS)
		d.find(alice, "to the chat")
		d.never(alice, "to the mailbox")
		for _, m := range p.Mails(alicesMail.Address) {
			if strings.Contains(m.Raw, "to the chat") {
				t.Error("it came twice")
			}
		}
		p.Reply(alicesMail, d.got(p, alicesMail.Address, "to the mailbox"), "back from the mailbox")
		d.find(support, "back from the mailbox")
		if n := d.number("SELECT COUNT(DISTINCT requester_id) FROM tickets"); n != 1 {
			t.Errorf("%d requesters", n)
		}
		// An answer to a mail of before they were one is theirs, too.
		p.Reply(alicesMail, d.got(p, alicesMail.Address, "has reached"), "late answer")
		d.find(support, "wrote", "late answer")
	})
}

// Somebody with accounts in Slack and Mattermost confirms the same address in both.
func TestTwoChatsOnePerson(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		t.Parallel()
		d, m := newTeamDeskWithMail(t, address)
		p := d.post
		d.open(alice, "From Slack", "One.")
		mine := d.openIn(m.lucas, "Depuis Mattermost", "Deux.")
		d.details(alice, map[string]string{"mail": "both@acme.example", "by_mail": "none"})
		d.visit(http.MethodPost, d.link(p, "both@acme.example", 1))
		d.find(alice, "is confirmed")
		d.types(m.lucas, "/guichet", "profile")
		d.sendForm(m.lucas, map[string]any{"mail": "both@acme.example"})
		d.shownIn(m.Direct(m.lucas), "Nous avons écrit à both@acme.example")
		link := d.link(p, "both@acme.example", 2)
		if _, page := d.visit(http.MethodGet, link); !containsAll(page, []string{`lang="fr"`, "Lucas Moreau (Acme Industries) indique que", "déjà celle d’une autre personne, Alice Martin"}) {
			t.Errorf("the page is %s", page)
		}
		d.visit(http.MethodPost, link)
		d.shownIn(m.Direct(m.lucas), "both@acme.example est confirmée")
		d.find(alice, "Lucas Moreau a confirmé both@acme.example", "une seule personne")

		d.shows(d.ask(alice, "list"), "From Slack", "Depuis Mattermost")
		d.write(nadia, support, "for Slack", d.cardOf("From Slack").TS)
		d.find(alice, "Nadia Benali a écrit", "for Slack") // in the one person's language
		d.write(nadia, support, "for Mattermost", d.cardOf("Depuis Mattermost").TS)
		reply := d.shownIn(m.Direct(m.lucas), "Nadia Benali", "for Mattermost")
		if reply.RootID != mine.ID {
			t.Error("their conversation has moved")
		}
		d.never(alice, "for Mattermost")
		d.say(m.lucas, mine, "merci pour ça ?")
		d.find(support, "wrote", "merci pour ça ?")
		d.settle()
		for _, post := range m.Posts(m.Direct(m.lucas)) {
			if strings.Contains(post.Shown(), "for Slack") {
				t.Error("it came twice")
			}
		}
	})
}

// An address of somebody in another organization can't be had.
func TestAnAddressOfAnotherOrganization(t *testing.T) {
	byMailOnce(t, func(t *testing.T, d *desk, p *postoffice.Server) {
		d.restart(func(s string) string {
			s = strings.Replace(s, "organizations:\n", "organizations:\n  - {key: public, name: Everybody else}\n", 1)
			return strings.Replace(s, "channel: G02SUPPORT\n", "channel: G02SUPPORT\n    strangers: public\n", 1)
		})
		p.Write(sam, desksAddress, "Hello", "I am Sam.")
		d.find(support, "Hello", "I am Sam.")
		d.details(alice, map[string]string{"mail": sam.Address})
		status, page := d.visit(http.MethodPost, d.link(p, sam.Address, 1))
		if status != http.StatusConflict || !strings.Contains(page, "another organization") {
			t.Errorf("%d %s", status, page)
		}
		if n := d.number("SELECT COUNT(*) FROM people WHERE joined_id <> 0"); n != 0 {
			t.Error("two organizations have one person")
		}
		p.Write(mail.Address{Address: sam.Address}, desksAddress, "Still me", "I am still Sam.")
		d.find(support, "Still me", "Everybody else")
	})
}
