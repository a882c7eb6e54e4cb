package main_test

import (
	"cmp"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"guichet/cmd/guichet/app"
	"guichet/cmd/guichet/config"
	"guichet/internal/fakemattermost"
	"guichet/internal/localslack"
	"guichet/internal/postoffice"
	"guichet/store/storetest"
)

// The program is killed at random moments while people ask by each of the three doors and agents answer in Slack. In
// the end every message is there exactly once on both sides, in order. Slack sends again what was not acknowledged, a
// mail server brings again what was not taken, and Mattermost does neither.
func TestKilledBetweenThreeDoorsItLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	soak, err := time.ParseDuration(cmp.Or(os.Getenv(soakVariable), "0s"))
	if err != nil {
		t.Fatalf("%s: %v", soakVariable, err)
	}
	seed, err := strconv.ParseUint(cmp.Or(os.Getenv(seedVariable), fmt.Sprint(time.Now().UnixMilli())), 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", seedVariable, err)
	}
	for began := time.Now(); !t.Failed(); seed++ {
		storetest.EachAddress(t, func(t *testing.T, address string) {
			fmt.Printf("%s %s=%d\n", t.Name(), seedVariable, seed)
			d := &doors{t: t}
			d.victim = newVictim(t, address, "socket", seed, d.build)
			d.round()
		})
		if time.Since(began) >= soak {
			return
		}
	}
}

// doors is a program that is killed again and again, with a Mattermost and a mail server that outlive it.
type doors struct {
	*victim
	t     *testing.T
	mm    *fakemattermost.Server
	post  *postoffice.Server
	talks []*talk
}

const (
	deskAddress = "desk@acme.example"
	mmKey       = "0123456789abcdef0123456789abcdef"

	// turnsOfATalk is how many messages each side writes in a ticket.
	turnsOfATalk = 5
)

// build sets the other two doors up before the program starts.
func (d *doors) build(v *victim) {
	d.victim = v
	d.mm = fakemattermost.Start(d.t)
	listens := freeAddress(d.t)
	d.post = postoffice.Start(d.t, listens, strings.HasPrefix(v.database, "postgres"))
	protocol := "smtp"
	if strings.HasPrefix(v.database, "postgres") {
		protocol = "lmtp"
	}
	v.site.change("organizations:\n  - {key: acme,", `mail:
  from: `+deskAddress+`
  smtp: {address: "`+d.post.Address+`", tls: none}
  receive: {listen: "`+listens+`", protocol: `+protocol+`}
mattermost:
  - {key: acme-mm, url: "`+d.mm.URL+`", team: `+d.mm.Team+`, organization: acme, callback_url: "http://`+v.address+`"}
organizations:
  - {key: acme, mail_domains: [acme.example],`)
	v.site.environ = append(v.site.environ, "GUICHET_MAIL_SECRET="+mmKey, "GUICHET_MATTERMOST_ACME_MM_TOKEN="+d.mm.Token, "GUICHET_MATTERMOST_ACME_MM_SECRET="+mmKey)
	c, err := config.Load(v.site.path("guichet.yaml"), v.site.environ)
	if err != nil {
		d.t.Fatal(err)
	}
	var out strings.Builder
	if err := app.RegisterCommands(d.t.Context(), c, "acme-mm", d.mm.Admin, &out); err != nil {
		d.t.Fatal(err)
	}
	_, tokens, _ := strings.Cut(strings.TrimSpace(out.String()), "GUICHET_MATTERMOST_ACME_MM_COMMAND_TOKENS=")
	v.site.environ = append(v.site.environ, "GUICHET_MATTERMOST_ACME_MM_COMMAND_TOKENS="+tokens)
}

// talk is one ticket: how its requester asks and writes, and what they have got, in order.
type talk struct {
	tag  string
	ask  func() error             // once: opens the ticket
	say  func(words string) error // writes into it
	got  func() []string          // what the agents wrote, as it came
	asks []string                 // what the requester wrote
	told []string                 // what the agents wrote to them
	card localslack.Message
}

// round has people talk while the program is killed, and looks at what has become of it.
func (d *doors) round() {
	crowd := newCrowd(d.t, d.slack, d.random)
	d.bySlack(crowd, "[s0]", false)
	d.bySlack(crowd, "[s1]", true)
	d.byMattermost("[m0]")
	d.byMattermost("[m1]")
	d.byMail("[p0]")
	d.byMail("[p1]")
	talking := make(chan error, len(d.talks))
	for _, k := range d.talks {
		go func() { talking <- d.play(crowd, k) }()
	}
	time.Sleep(time.Second) // some have asked
	left, until := len(d.talks), time.Now().Add(killingLasts)
	end := func(err error) {
		if left--; err != nil {
			d.t.Error(err)
		}
	}
	for left > 0 {
		if time.Now().After(until) || d.kills >= mostKills {
			select {
			case err := <-talking:
				end(err)
			case <-time.After(500 * time.Millisecond):
				if d.givenUp() > d.missed {
					d.again()
				}
			}
			continue
		}
		select {
		case err := <-talking:
			end(err)
		case <-time.After(d.life()):
			d.kills++
			d.again()
		}
	}
	d.settle()
	for _, k := range d.talks {
		d.check(crowd, k)
	}
	d.t.Logf("%d kills, with %d deliveries in hand; %d times read what Slack had given up", d.kills, d.inHand, d.catchUps)
}

// again kills the program and starts it again.
func (d *doors) again() {
	d.kill()
	d.makeUp()
	d.start()
}

// play is one conversation: the requester asks, then both write at once, and wait until both have arrived: of two
// messages that Slack sends again, either may come first.
func (d *doors) play(c *crowd, k *talk) error {
	if err := c.until(k.tag+" asks", func() bool { return k.ask() == nil }); err != nil {
		return err
	}
	err := c.until(k.tag+" is at the desk", func() bool {
		found, _ := c.find(localslack.Support, k.tag)
		found = slices.DeleteFunc(found, func(m localslack.Message) bool { return m.ThreadTS != "" })
		if len(found) > 0 {
			k.card = found[0]
		}
		return len(found) > 0
	})
	if err != nil {
		return err
	}
	for n := range turnsOfATalk {
		mine, theirs := fmt.Sprintf("%s asks %d.", k.tag, n), fmt.Sprintf("%s told %d.", k.tag, n)
		k.asks, k.told = append(k.asks, mine), append(k.told, theirs)
		if _, err := c.slack.PostMessage(c.ctx, localslack.Nadia, localslack.Support, theirs, k.card.TS); err != nil {
			return err
		}
		if _, err := c.slack.PostMessage(c.ctx, localslack.Oliver, localslack.Support, "note: "+k.tag+" secret", k.card.TS); err != nil {
			return err
		}
		if err := c.until(k.tag+" can write", func() bool { return k.say(mine) == nil }); err != nil {
			return err
		}
		err := c.until(mine+" and "+theirs, func() bool {
			return slices.Contains(d.atTheDesk(c, k), mine) && slices.Contains(k.got(), theirs)
		})
		if err != nil {
			return err
		}
	}
	return c.until(k.tag+" has all", func() bool {
		return slices.Contains(d.atTheDesk(c, k), k.asks[turnsOfATalk-1]) && slices.Contains(k.got(), k.told[turnsOfATalk-1])
	})
}

// atTheDesk is what guichet has carried into a ticket's thread at the desk.
func (d *doors) atTheDesk(c *crowd, k *talk) (got []string) {
	found, _ := c.find(localslack.Support, k.tag+" asks")
	for _, m := range found {
		if m.ThreadTS == k.card.TS {
			got = append(got, sentence(m.AllText(), k.tag+" asks"))
		}
	}
	return got
}

// sentence is what begins like that in a text, up to its full stop.
func sentence(text, begins string) string {
	i := strings.Index(text, begins)
	if i < 0 {
		return ""
	}
	s, _, _ := strings.Cut(text[i:], ".")
	return s + "."
}

func (d *doors) check(c *crowd, k *talk) {
	d.t.Helper()
	if got := d.atTheDesk(c, k); !slices.Equal(got, k.asks) {
		d.t.Errorf("the desk reads %q, want %q", got, k.asks)
	}
	if got := k.got(); !slices.Equal(got, k.told) {
		d.t.Errorf("the requester reads %q, want %q", got, k.told)
	}
	if n := d.list(`SELECT COUNT(*) || '' FROM tickets WHERE subject LIKE '%` + k.tag + `%'`); n[0] != "1" {
		d.t.Errorf("%s is there %s times", k.tag, n[0])
	}
}

var errNotYet = errors.New("not yet")

// bySlack is a ticket that somebody opens in Slack; copied: who gets each reply by mail, too.
func (d *doors) bySlack(c *crowd, tag string, copied bool) {
	s := c.scripts[len(d.talks)]
	s.subject = tag
	address := strings.Trim(tag, "[]") + "@acme.example"
	k := &talk{tag: tag}
	k.ask = func() error {
		if err := s.open(); err != nil {
			return err
		}
		if copied {
			d.exec(`UPDATE people SET mail = '` + address + `', by_mail = 'all' WHERE id = (SELECT requester_id FROM tickets WHERE subject = '` + tag + `')`)
		}
		return nil
	}
	k.say = func(words string) error {
		_, err := c.slack.PostMessage(c.ctx, s.requester, s.mine.Channel, words, s.mine.TS)
		return err
	}
	k.got = func() (got []string) {
		found, _ := c.find(s.mine.Channel, tag+" told")
		for _, m := range found {
			got = append(got, sentence(m.AllText(), tag+" told"))
		}
		if copied && len(got) == turnsOfATalk { // and the same by mail
			if mails := d.mailed(address, tag); !slices.Equal(mails, got) && len(mails) >= turnsOfATalk {
				return mails
			}
		}
		return got
	}
	d.talks = append(d.talks, k)
}

// byMattermost is a ticket that somebody opens in Mattermost.
func (d *doors) byMattermost(tag string) {
	user := d.mm.AddUser(fakemattermost.User{Name: "u" + strings.Trim(tag, "[]"), First: "Una", Last: tag, Locale: "en"})
	direct := d.mm.Direct(user)
	var root fakemattermost.Post
	sent := false
	k := &talk{tag: tag}
	k.ask = func() error {
		if !sent {
			if _, err := d.mm.Type(user, direct, "/ticket", "office"); err != nil {
				return err
			}
			form, ok := d.mm.Dialog(user)
			if !ok {
				return errNotYet
			}
			wrong, err := d.mm.Send(user, form, map[string]any{"kind": "information", "subject": tag, "description": "Does not start."})
			if err != nil || len(wrong) > 0 {
				return errors.Join(err, errNotYet)
			}
			sent = true
		}
		for _, p := range d.mm.Posts(direct) {
			if p.RootID == "" && p.UserID == d.mm.Bot && strings.Contains(p.Shown(), tag) {
				root = p
				return nil
			}
		}
		return errNotYet
	}
	k.say = func(words string) error {
		_, err := d.mm.Say(user, direct, root.ID, words)
		return err
	}
	k.got = func() (got []string) {
		for _, p := range d.mm.Posts(direct) {
			if s := sentence(p.Shown(), tag+" told"); s != "" && p.UserID == d.mm.Bot {
				got = append(got, s)
			}
			if strings.Contains(p.Shown(), "secret") {
				got = append(got, "a note")
			}
		}
		return got
	}
	d.talks = append(d.talks, k)
}

// byMail is a ticket that somebody opens by mail. Mails overtake each other, so they wait until the one before is taken.
func (d *doors) byMail(tag string) {
	from := mail.Address{Name: tag, Address: strings.Trim(tag, "[]") + "@acme.example"}
	asked, last := false, ""
	k := &talk{tag: tag}
	taken := func() bool {
		return last == "" || len(d.list(`SELECT body FROM messages WHERE body = '`+last+`'`)) > 0
	}
	k.ask = func() error {
		if !asked {
			d.post.Write(from, deskAddress, tag, "Does not start.")
			asked = true
		}
		if len(d.post.Mails(from.Address)) == 0 {
			return errNotYet
		}
		return nil
	}
	k.say = func(words string) error {
		if !taken() {
			return errNotYet
		}
		mails := d.post.Mails(from.Address)
		d.post.Reply(from, mails[len(mails)-1], words)
		last = words
		return nil
	}
	k.got = func() []string { return d.mailed(from.Address, tag) }
	d.talks = append(d.talks, k)
}

// mailed is what somebody has got by mail, as programs show it: one with the Message-ID of another is the same.
func (d *doors) mailed(address, tag string) (got []string) {
	seen := map[string]string{}
	for _, m := range d.post.Mails(address) {
		new, _, _ := strings.Cut(m.Whole, "Earlier in this conversation")
		s := sentence(new, tag+" told")
		if was, again := seen[m.MessageID]; again && was != s {
			got = append(got, "two mails with one Message-ID")
		} else if !again && s != "" {
			got = append(got, s)
		}
		seen[m.MessageID] = s
		if strings.Contains(m.Raw, "secret") {
			got = append(got, "a note")
		}
	}
	return got
}
