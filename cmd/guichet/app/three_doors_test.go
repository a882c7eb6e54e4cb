package app_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"guichet/store/storetest"
)

// counted says in how many of some messages each of these is.
func counted(messages []string, of ...string) (n []int) {
	for _, one := range of {
		holding := slices.DeleteFunc(slices.Clone(messages), func(m string) bool { return !strings.Contains(m, one) })
		n = append(n, len(holding))
	}
	return n
}

func onceEach(n int) []int { return slices.Repeat([]int{1}, n) }

// People ask by all three doors at once, agents answer in Slack, the program is restarted again and again: everybody
// has each word once, in order, and nobody another's.
func TestThreeDoorsIntoSlack(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		t.Parallel()
		d, m := newTeamDeskWithMail(t, address)
		p := d.post
		again := func() { d.stop(); d.start() }

		number := d.open(alice, "One from Slack", "First.")
		slacks := d.conversation(alice, number)
		mms := d.openIn(m.carla, "Two from Mattermost", "Second.")
		p.Write(erin, desksAddress, "Three by mail", "Third.")
		cards := []string{d.cardOf("One from Slack").TS, d.cardOf("Two from Mattermost").TS, d.cardOf("Three by mail").TS}
		first := d.got(p, erin.Address, "has reached")
		again()

		var answers, asked []string
		for round := range 3 {
			for i, card := range cards {
				answer := fmt.Sprintf("answer %d.%d.", i, round)
				answers = append(answers, answer)
				d.write(nadia, support, "*"+answer+"*", card)
				d.write(oliver, support, fmt.Sprintf("note: secret %d.%d.", i, round), card)
			}
			if round == 1 {
				again()
			}
			words := []string{fmt.Sprintf("asked 0.%d.", round), fmt.Sprintf("asked 1.%d.", round), fmt.Sprintf("asked 2.%d.", round)}
			asked = append(asked, words...)
			d.write(alice, slacks.Channel, words[0], slacks.TS)
			d.say(m.carla, mms, words[1])
			p.Reply(erin, first, words[2])
			d.find(support, words[0])
			d.find(support, words[1])
			d.find(support, words[2]) // mails overtake each other: the next waits for it
			again()
		}
		d.settle()

		var desk []string
		for _, one := range d.containing(support, "asked") {
			if one.BotID != "" {
				desk = append(desk, one.AllText())
			}
		}
		if n := counted(desk, asked...); !slices.Equal(n, onceEach(9)) {
			t.Errorf("the desk reads %v of %q", n, asked)
		}
		said := map[string][]string{}
		for _, one := range d.messages(slacks.Channel) {
			said["Slack"] = append(said["Slack"], one.AllText())
		}
		for _, one := range m.Posts(m.Direct(m.carla)) {
			said["Mattermost"] = append(said["Mattermost"], one.Shown())
		}
		for _, one := range p.Mails(erin.Address) {
			words, _, _ := strings.Cut(one.Whole, "Earlier in this conversation")
			said["mail"] = append(said["mail"], words)
		}
		for i, who := range []string{"Slack", "Mattermost", "mail"} {
			want := make([]int, len(answers))
			at := 0
			for n, a := range answers {
				if !strings.HasPrefix(a, fmt.Sprintf("answer %d.", i)) {
					continue
				}
				want[n] = 1
				next := slices.IndexFunc(said[who], func(m string) bool { return strings.Contains(m, a) })
				if next < at {
					t.Errorf("by %s %q comes too early", who, a)
				}
				at = next
			}
			if n := counted(said[who], answers...); !slices.Equal(n, want) {
				t.Errorf("by %s they read %v of %q", who, n, answers)
			}
			if slices.ContainsFunc(said[who], func(m string) bool { return strings.Contains(m, "secret") }) {
				t.Errorf("by %s they read a note", who)
			}
		}
	})
}

// The same with the queue in Mattermost, and with files and edits through all of the doors.
func TestThreeDoorsIntoMattermost(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		t.Parallel()
		d, m := newTeamDeskWithMail(t, address)
		p := d.post
		d.restart(func(s string) string {
			m.home = true
			return strings.Replace(s, "workspace: acme\n    channel: G02SUPPORT", "workspace: acme-mm\n    channel: "+m.queue, 1)
		})
		picture := append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte{0, 1, 2, 254, 255, '\n'}, 300)...)
		filesOf := func(channel string) (all [][]byte) {
			for _, post := range m.Posts(channel) {
				for _, id := range post.FileIDs {
					_, data := m.FileData(id)
					all = append(all, data)
				}
			}
			return all
		}

		number := d.open(alice, "One from Slack", "First.")
		mine := d.conversation(alice, number)
		theirs := d.shownIn(m.queue, "One from Slack", "Requester")
		p.Bring(erin.Address, desksAddress, "From: "+erin.String()+"\nTo: "+desksAddress+"\nSubject: Two by mail\nMessage-ID: <two@acme.example>\nMIME-Version: 1.0\n"+
			"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nSecond, with a picture.\n--b\nContent-Type: image/png; name=screen.png\nContent-Transfer-Encoding: base64\n\n"+
			base64Lines(picture)+"--b--\n")
		hers := d.shownIn(m.queue, "Two by mail", "Second, with a picture.", "was not examined")
		d.eventually("the picture is in the queue", func() bool {
			return slices.ContainsFunc(filesOf(m.queue), func(b []byte) bool { return bytes.Equal(b, picture) })
		})
		d.stop()
		d.start()

		// An agent answers both with a file; the one from Slack is edited.
		said := d.say(m.nina, theirs, "Try **this**, frist.")
		d.find(alice, "Nina Keller wrote", "Try", "this")
		m.Edit(said.ID, "Try **this**, first.")
		d.find(alice, "Nina Keller wrote (edited)", "first.")
		file := m.Upload(m.nina, m.queue, "fix.png", picture)
		if _, err := m.Say(m.nina, m.queue, hers.ID, "Here *you* are.", file); err != nil {
			t.Fatal(err)
		}
		d.got(p, erin.Address, "Nina Keller wrote", "Here")
		sent := d.got(p, erin.Address, "sent fix.png")
		if len(sent.Files) != 1 || !bytes.Equal(sent.Files[0].Data, picture) {
			t.Errorf("the mail has %d files", len(sent.Files))
		}
		letter := d.got(p, erin.Address, "<em>you</em>")
		if strings.Contains(letter.Whole, "*you*") {
			t.Errorf("the plain text is\n%s", letter.Whole)
		}

		// And somebody who is in Mattermost, too.
		carlas := d.openIn(m.carla, "Three from Mattermost", "Third.")
		d.say(m.nina, d.shownIn(m.queue, "Three from Mattermost", "Requester"), "For Carla alone.")
		d.shownIn(carlas.ChannelID, "Nina Keller wrote", "For Carla alone.")

		// All answer; a file from Slack goes to Mattermost.
		d.stop()
		p.Reply(erin, letter, "It works.")
		d.say(m.carla, carlas, "It does here.")
		d.start()
		d.shownIn(m.queue, "Carla Rossi wrote", "It does here.")
		d.shownIn(m.queue, "Erin Blake wrote", "It works.")
		d.send(alice, mine.Channel, "Look", mine.TS, "other.png", append(picture, 7))
		d.eventually("the other picture is in the queue", func() bool {
			return slices.ContainsFunc(filesOf(m.queue), func(b []byte) bool { return bytes.Equal(b, append(picture, 7)) })
		})
		d.say(m.nina, theirs, "note: a secret")
		d.settle()
		for _, hidden := range []string{"secret", "Carla", "Erin"} {
			d.never(alice, hidden)
		}
		if n := []int{m.count(m.queue, "Carla Rossi wrote", "It does here."), m.count(m.queue, "Erin Blake wrote", "It works."),
			m.count(carlas.ChannelID, "For Carla alone."), m.count(carlas.ChannelID, "secret"), m.count(carlas.ChannelID, "Here")}; !slices.Equal(n, []int{1, 1, 1, 0, 0}) {
			t.Errorf("in Mattermost they are shown %v times", n)
		}
		for _, one := range p.Mails(erin.Address) {
			if containsAny(one.Raw, "secret", "Try", "First.", "Carla") {
				t.Errorf("somebody else's words are in\n%s", one.Raw)
			}
		}
	})
}

func containsAny(s string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}
