package app_test

import (
	"bytes"
	"net/mail"
	"strings"
	"testing"

	"guichet/internal/postoffice"
)

var alicesMail = mail.Address{Name: "Alice Martin", Address: "alice@acme.example"}

// wishes gives somebody a confirmed address, and the wish which replies they get there.
func (d *desk) wishes(name, address, byMail string) {
	d.t.Helper()
	d.exec("UPDATE people SET mail = '" + address + "', by_mail = '" + byMail + "' WHERE name = '" + name + "'")
	d.exec("INSERT INTO accounts (workspace, account, person_id) SELECT 'mail', '" + address + "', id FROM people WHERE name = '" + name + "' ON CONFLICT DO NOTHING")
}

// Somebody in Slack gets each reply by mail too, if they wish it, and may answer there: it is one conversation.
func TestRepliesByMailToo(t *testing.T) {
	byMail(t, func(t *testing.T, d *desk, p *postoffice.Server) {
		number := d.open(alice, "Outlook", "Does not start.")
		card, mine := d.card(number), d.conversation(alice, number)
		to := alicesMail.Address
		d.write(nadia, support, "one", card.TS) // nobody knows an address yet
		d.settle()

		d.wishes("Alice Martin", to, "all")
		d.write(nadia, support, "two *bold*", card.TS)
		d.find(alice, "Nadia Benali wrote", "two")
		got := d.got(p, to, "Nadia Benali wrote", "two")
		if got.Subject != "[#"+number+"] Outlook" || !containsAll(got.Whole, []string{"Earlier in this conversation", "> Does not start.", "> one"}) {
			t.Errorf("it is\n%s", got.Raw)
		}
		if !strings.Contains(got.Raw, "text/html") || strings.Index(got.Whole, "> one") > strings.Index(got.Whole, "> Does not start.") {
			t.Errorf("it has no history, the latest first, in both forms:\n%s", got.Raw)
		}
		p.Reply(alicesMail, got, "by mail")
		d.find(support, "Alice Martin wrote", "by mail")
		if m := d.find(alice, "You wrote", "by mail"); m.ThreadTS != mine.TS {
			t.Error("what they wrote by mail is not in their thread")
		}

		d.wishes("Alice Martin", to, "away")
		d.write(nadia, support, "three", card.TS)
		d.settle()
		d.strict.SetAway(alice, true)
		d.write(nadia, support, "four", card.TS)
		d.got(p, to, "four")
		d.wishes("Alice Martin", to, "none")
		d.write(nadia, support, "five", card.TS)
		d.write(nadia, support, "note: six", card.TS)
		d.settle()
		var said []string
		for _, m := range p.Mails(to) {
			_, words, _ := strings.Cut(m.Whole, "Nadia Benali wrote")
			said = append(said, strings.Fields(words)[0])
		}
		if strings.Join(said, " ") != "two four" {
			t.Errorf("the mails say %q", said)
		}
		if again := p.Mails(to)[1]; again.References[0] != got.References[0] || again.MessageID == got.MessageID {
			t.Error("the two are not of one thread")
		}
	})
}

// A reply that is taken back in time goes out by mail as little as in the chat; one that is corrected afterwards is
// written again, once.
func TestTakenBackAndCorrectedByMail(t *testing.T) {
	byMailOnce(t, func(t *testing.T, d *desk, p *postoffice.Server) {
		d.restart(func(s string) string { return strings.Replace(s, "undo: 0s", "undo: 3s", 1) })
		number := d.open(alice, "Outlook", "Does not start.")
		card := d.card(number)
		d.wishes("Alice Martin", alicesMail.Address, "all")
		d.write(nadia, support, "wrong person", card.TS)
		d.press(nadia, d.find(support, "goes to"), "undo")
		said := d.write(nadia, support, "Which versoin?", card.TS)
		d.edit(nadia, support, said, "Which version?")
		d.got(p, alicesMail.Address, "Which version?")
		d.settle()
		d.edit(nadia, support, said, "Which version of it?")
		corrected := d.got(p, alicesMail.Address, "Nadia Benali has corrected", "Which version of it?")
		d.settle()
		mails := p.Mails(alicesMail.Address)
		if len(mails) != 2 || mails[1].MessageID != corrected.MessageID || strings.Contains(mails[0].Raw+mails[1].Raw, "wrong person") {
			t.Errorf("%d mails", len(mails))
		}
	})
}

// Files go both ways, byte for byte.
func TestFilesByMail(t *testing.T) {
	byMailOnce(t, func(t *testing.T, d *desk, p *postoffice.Server) {
		picture := append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte{0, 1, 2, 254, 255, '\n'}, 500)...)
		boundary := "Content-Type: multipart/mixed; boundary=b"
		p.Bring(erin.Address, desksAddress, "From: "+erin.String()+"\nTo: "+desksAddress+"\nSubject: Look\nMessage-ID: <pic@acme.example>\nMIME-Version: 1.0\n"+boundary+
			"\n\n--b\nContent-Type: text/plain\n\nSee the picture.\n--b\nContent-Type: image/png; name=screen.png\nContent-Transfer-Encoding: base64\n\n"+
			base64Lines(picture)+"--b\nContent-Type: application/octet-stream; name=tool.exe\nContent-Transfer-Encoding: base64\n\nTVqQAAMAAAA=\n--b--\n")
		card := d.find(support, "Look", "See the picture.")
		if got := d.received(support, card.TS, "screen.png"); !bytes.Equal(got, picture) {
			t.Errorf("%d bytes arrived, want %d", len(got), len(picture))
		}
		d.got(p, erin.Address, "tool.exe", "was not passed on")
		d.send(nadia, support, "Try this.", card.TS, "fix.png", picture)
		d.got(p, erin.Address, "Try this.", "File: fix.png")
		sent := d.got(p, erin.Address, "sent fix.png")
		if len(sent.Files) != 1 || sent.Files[0].Name != "fix.png" || !bytes.Equal(sent.Files[0].Data, picture) {
			t.Errorf("the mail has %d files", len(sent.Files))
		}
	})
}
