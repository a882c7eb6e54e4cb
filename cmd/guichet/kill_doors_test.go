package main_test

import (
	"net/mail"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"guichet/internal/fakemattermost"
	"guichet/internal/localslack"
	"guichet/internal/postoffice"
)

const (
	deskAddress = "desk@acme.example"
	aSecret     = "0123456789abcdef0123456789abcdef"
)

// The program is killed at random moments while people ask by each of the three doors and agents answer in Slack. In
// the end every message is there exactly once on both sides, in order. Slack sends again what was not acknowledged, a
// mail server brings again what was not taken, and Mattermost does neither.
func TestKilledBetweenThreeDoorsItLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	eachRound(t, func(t *testing.T, address string, seed uint64) {
		mode, mail := "socket", "smtp"
		if strings.HasPrefix(address, "postgres") {
			mode, mail = "http", "lmtp"
		}
		w := &ways{}
		v := newVictim(t, address, mode, seed, func(v *victim) { w.build(v, mail) })
		c := w.crowd(v)
		v.round(c)
		t.Logf("%d mails were sent again", w.sentAgain(c))
	})
}

// ways are the two others by which people ask: they outlive the program.
type ways struct {
	team *fakemattermost.Server
	post *postoffice.Server
}

// build sets the other two doors up before the program starts.
func (w *ways) build(v *victim, protocol string) {
	v.t.Helper()
	w.team = fakemattermost.Start(v.t)
	listens := freeAddress(v.t)
	w.post = postoffice.Start(v.t, listens, protocol == "lmtp")
	// So that many a death comes between "sent" and "noted".
	w.team.Slow(100 * time.Millisecond)
	w.post.Slow(100 * time.Millisecond)
	v.site.change("organizations:\n  - {key: acme,", `mail:
  from: `+deskAddress+`
  smtp: {address: "`+w.post.Address+`", tls: none}
  receive: {listen: "`+listens+`", protocol: `+protocol+`}
mattermost:
  - {key: acme-mm, url: "`+w.team.URL+`", team: `+w.team.Team+`, organization: acme, callback_url: "http://`+v.address+`"}
organizations:
  - {key: acme, mail_domains: [acme.example],`)
	v.site.environ = append(v.site.environ, "GUICHET_MAIL_SECRET="+aSecret, "GUICHET_MATTERMOST_ACME_MM_TOKEN="+w.team.Token,
		"GUICHET_MATTERMOST_ACME_MM_SECRET="+aSecret)
	setup := v.site.command("mattermost", "setup", "acme-mm")
	setup.Stdin = strings.NewReader(w.team.Admin + "\n")
	out, err := setup.Output()
	if err != nil {
		v.t.Fatal(err)
	}
	v.site.environ = append(v.site.environ, string(out[strings.Index(string(out), "GUICHET_MATTERMOST_ACME_MM_COMMAND_TOKENS="):]))
}

// crowd are people who ask by each door, some of them two things. One in Slack gets everything by mail, too, and
// answers here and there.
func (w *ways) crowd(v *victim) *crowd {
	c := newCrowd(v.t, v.slack)
	both := c.asksInSlack(v.random, localslack.Alice)
	alice := mail.Address{Name: "Alice Martin", Address: "alice@acme.example"}
	both.copies = &mailDoor{script: both, post: w.post, who: alice}
	both.begun = func() error {
		return both.until("the wish is kept", func() bool { // the program may be writing, for as long as anybody waits
			return v.try(`UPDATE people SET mail = '`+alice.Address+`', by_mail = 'all' WHERE name = '`+alice.Name+`'`) == nil &&
				v.try(`INSERT INTO accounts (workspace, account, person_id) SELECT 'mail', '`+alice.Address+`', id FROM people WHERE name = '`+alice.Name+`' ON CONFLICT DO NOTHING`) == nil
		})
	}
	c.asksInSlack(v.random, "U1BRUNO")
	carla := w.team.AddUser(fakemattermost.User{Name: "carla", First: "Carla", Locale: "en"})
	lucas := w.team.AddUser(fakemattermost.User{Name: "lucas", First: "Lucas", Locale: "en"})
	form := &sync.Mutex{}
	for _, who := range []string{carla, carla, lucas} {
		s := c.asks(v.random)
		s.door, s.inOrder = &teamDoor{script: s, team: w.team, who: who, form: form}, true
	}
	erin, finn := mail.Address{Name: "Erin Blake", Address: "erin@acme.example"}, mail.Address{Address: "finn@acme.example"}
	for _, who := range []mail.Address{erin, erin, finn} {
		s := c.asks(v.random)
		s.door = &mailDoor{script: s, post: w.post, who: who}
	}
	return c
}

// sentAgain counts the mails that were sent once more, since their fate was unknown.
func (w *ways) sentAgain(c *crowd) (n int) {
	for _, s := range c.scripts {
		for _, d := range []door{s.door, s.copies} {
			if d, ok := d.(*mailDoor); ok {
				once, _ := d.mails("")
				all := slices.DeleteFunc(w.post.Mails(d.who.Address), func(m postoffice.Mail) bool { return !strings.Contains(m.Subject, d.subject) })
				n += len(all) - len(once)
			}
		}
	}
	return n
}
