package app_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"guichet/internal/fakemattermost"
	"guichet/store/storetest"
)

// Somebody in Mattermost and somebody who writes by mail send files to agents in Slack and correct what they wrote,
// with the program stopped in between; each gets the agents' file, and nobody another's.
func TestFilesAndEditsThroughThreeDoors(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		t.Parallel()
		d, m := newTeamDeskWithMail(t, address)
		p := d.post
		bytesOf := func(of byte) []byte { return append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte{of}, 900)...) }

		mine := d.openIn(m.carla, "One from Mattermost", "First.")
		p.Write(erin, desksAddress, "Two by mail", "Second.")
		hers := d.got(p, erin.Address, "has reached")
		cards := []string{d.cardOf("One from Mattermost").TS, d.cardOf("Two by mail").TS}
		d.settle()

		// Written, with a file, and corrected while guichet is stopped: agents read what it says by then.
		d.stop()
		said, err := m.Say(m.carla, mine.ChannelID, mine.ID, "See tihs.", m.Upload(m.carla, mine.ChannelID, "one.png", bytesOf('1')))
		if err != nil {
			t.Fatal(err)
		}
		m.Edit(said.ID, "See this.")
		d.start()
		d.find(support, "Carla Rossi wrote", "See this.")
		if got := d.received(support, cards[0], "one.png"); !bytes.Equal(got, bytesOf('1')) {
			t.Errorf("%d bytes came from Mattermost", len(got))
		}
		d.stop()
		p.Bring(erin.Address, hers.From, "From: "+erin.String()+"\nTo: "+hers.From+"\nSubject: Re: Two by mail\nMessage-ID: <file@acme.example>\nMIME-Version: 1.0\n"+
			"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nAnd this.\n--b\nContent-Type: image/png; name=two.png\nContent-Transfer-Encoding: base64\n\n"+
			base64Lines(bytesOf('2'))+"--b--\n")
		d.start()
		d.find(support, "Erin Blake wrote", "And this.")
		if got := d.received(support, cards[1], "two.png"); !bytes.Equal(got, bytesOf('2')) {
			t.Errorf("%d bytes came by mail", len(got))
		}

		// The agents' own, each into its ticket; the one for Mattermost waits over a stop.
		d.send(nadia, support, "For Carla.", cards[0], "carla.png", bytesOf('3'))
		d.stop()
		d.start()
		d.send(nadia, support, "For Erin.", cards[1], "erin.png", bytesOf('4'))
		sent := d.got(p, erin.Address, "sent erin.png")
		if len(sent.Files) != 1 || !bytes.Equal(sent.Files[0].Data, bytesOf('4')) {
			t.Errorf("the mail has %d files", len(sent.Files))
		}
		d.settle()
		if got := d.filesFor(mine); !slices.EqualFunc(got, [][]byte{bytesOf('3')}, bytes.Equal) {
			t.Errorf("Carla has %d files", len(got))
		}
		if n := d.carried(support); n != 2 {
			t.Errorf("the desk has %d files", n)
		}
		for _, one := range p.Mails(erin.Address) {
			if len(one.Files) > 0 && one.MessageID != sent.MessageID || strings.Contains(one.Whole, "Carla") {
				t.Errorf("Erin has what is not hers:\n%s", one.Whole)
			}
		}
		if n := m.count(mine.ChannelID, "Erin"); n != 0 {
			t.Errorf("Carla has %d posts that are not hers", n)
		}
	})
}

// filesFor are the files that guichet put below a post in Mattermost.
func (d *desk) filesFor(root fakemattermost.Post) (all [][]byte) {
	d.t.Helper()
	for _, p := range d.team.Posts(root.ChannelID) {
		if p.RootID == root.ID && p.UserID == d.team.Bot {
			for _, id := range p.FileIDs {
				_, data := d.team.FileData(id)
				all = append(all, data)
			}
		}
	}
	return all
}
