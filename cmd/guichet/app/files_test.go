package app_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"guichet/internal/localslack"
)

// send posts a message with a file as a person.
func (d *desk) send(who, channel, text, root, name string, content []byte) string {
	d.t.Helper()
	ts, err := d.slack.Upload(d.t.Context(), who, channel, text, root, name, content)
	if err != nil {
		d.t.Fatal(err)
	}
	d.delivered()
	return ts
}

// received waits for a file that guichet posted in a channel, below a message, and returns its bytes.
func (d *desk) received(channel, root, name string) []byte {
	d.t.Helper()
	var file localslack.File
	d.eventually(channel+" has the file "+name, func() bool {
		for _, m := range d.messages(channel) {
			for _, f := range m.Files {
				if m.User == d.slack.Config.App.BotUserID && m.ThreadTS == root && f.Name == name {
					file = f
					return true
				}
			}
		}
		return false
	})
	return d.download(file)
}

// download fetches what a file holds.
func (d *desk) download(file localslack.File) []byte {
	d.t.Helper()
	r, err := http.NewRequestWithContext(d.t.Context(), http.MethodGet, file.URLPrivate, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+d.slack.Config.App.BotToken)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return content
}

// carried counts the files that guichet posted in a channel.
func (d *desk) carried(channel string) (n int) {
	d.t.Helper()
	for _, m := range d.messages(channel) {
		for _, f := range m.Files {
			if m.User == d.slack.Config.App.BotUserID && f.Mode != "tombstone" { // which stays where one was deleted
				n++
			}
		}
	}
	return n
}

func TestFilesGoBothWaysByteForByte(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		card, mine := d.card("1001"), d.conversation(alice, "1001")
		large := make([]byte, 3_000_000)
		for i := range large {
			large[i] = byte(rand.IntN(256))
		}
		d.send(alice, mine.Channel, "Here it is.", mine.TS, "Résumé du café.bin", large)
		d.find(support, "Alice Martin wrote", "Here it is.", "File: Résumé du café.bin (3 MB)")
		if got := d.received(support, card.TS, "Résumé du café.bin"); !bytes.Equal(got, large) {
			t.Errorf("%d bytes came of %d", len(got), len(large))
		}
		d.send(nadia, support, "", card.TS, "one.txt", []byte("1"))
		d.find(alice, "Nadia Benali wrote", "File: one.txt (1 byte)")
		if got := d.received(alice, mine.TS, "one.txt"); string(got) != "1" {
			t.Errorf("%q came", got)
		}
		d.settle()
		if n, m := d.carried(support), d.carried(alice); n != 1 || m != 1 {
			t.Errorf("the desk has %d files, Alice %d", n, m)
		}
		d.shows(d.ask(alice, "1001"), "Résumé du café.bin (3 MB)", "one.txt (1 byte)")
	})
}

func TestAFileOnANoteStaysInside(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		d.send(nadia, support, "note: her password list", d.card("1001").TS, "secret.txt", []byte("hush"))
		d.settle()
		d.never(alice, "secret")
		if n := d.carried(alice); n != 0 {
			t.Errorf("Alice has %d files", n)
		}
		if view := d.ask(alice, "1001"); strings.Contains(view.AllText(), "secret") {
			t.Errorf("Alice sees %s", view.AllText())
		}
	})
}

func TestFilesThatAreRefusedAreToldInWords(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.restart(func(s string) string { return s + "\nfiles: {largest: 100kB}\n" })
		d.strict.SetLocale(alice, "fr-FR")
		p := d.slack.OpenTest(t, alice)
		d.command(alice, "office")
		d.form(p, map[string]string{"kind": "information", "subject": "Outlook", "description": "Comment ?"})
		d.find(support, "#1001 Outlook", "Requester")
		d.settle()
		mine := d.find(alice, "#1001 Outlook")
		for name, content := range map[string][]byte{
			"big.txt":     bytes.Repeat([]byte("x"), 100_001),
			"setup.EXE":   []byte("MZ"),
			"picture.png": append([]byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00"), make([]byte, 600)...),
			"photo.jpg":   []byte("<html>no photo</html>"),
		} {
			d.send(alice, mine.Channel, "", mine.TS, name, content)
			d.find(support, name+" was not passed on:")
			d.find(alice, name+" n’a pas été transmis\u00a0:")
		}
		d.find(support, "big.txt was not passed on: it is too large.")
		d.settle()
		if n := d.carried(support); n != 0 {
			t.Errorf("the desk has %d files", n)
		}
	})
}

// Slack is down between the message and its file, and the program is started again meanwhile.
func TestAFileIsFetchedOnceItCanBe(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		card, mine := d.card("1001"), d.conversation(alice, "1001")
		mend := d.strict.Inject(unreachable)
		d.send(alice, mine.Channel, "Look", mine.TS, "shot.txt", []byte("pixels"))
		d.eventually("posts fail", func() bool { return d.number("SELECT COUNT(*) FROM outbox WHERE attempts > 0") > 0 })
		d.stop()
		mend()
		d.start()
		if got := d.received(support, card.TS, "shot.txt"); string(got) != "pixels" {
			t.Errorf("%q came", got)
		}
		d.settle()
		if n := d.carried(support); n != 1 {
			t.Errorf("the desk has it %d times", n)
		}
	})
}

// uploaded is a file as Slack tells of it in a form, once somebody has chosen it there.
func (d *desk) uploaded(who, name string, content []byte) map[string]any {
	d.t.Helper()
	ts := d.send(who, general, "", "", name, content)
	for _, m := range d.messages(general) {
		if m.TS == ts {
			f := m.Files[0]
			return map[string]any{"id": f.ID, "name": f.Name, "mimetype": f.Mimetype, "size": f.Size, "url_private_download": f.URLPrivate, "mode": f.Mode}
		}
	}
	d.t.Fatalf("%s was not uploaded", name)
	return nil
}

// withFiles fills in a form whose field for files gets some.
func (d *desk) withFiles(p *localslack.Page, answers map[string]string, files ...any) map[string]string {
	d.t.Helper()
	values, err := d.view(p).Fill(answers)
	if err != nil {
		d.t.Fatal(err)
	}
	values["files"] = map[string]any{"files": map[string]any{"type": "file_input", "files": files}}
	return d.submit(p, values)
}

func TestFilesInForms(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		one, two := d.uploaded(alice, "one.txt", []byte("1")), d.uploaded(alice, "two.txt", []byte("2"))
		bad := d.uploaded(alice, "setup.exe", []byte("MZ"))
		p := d.slack.OpenTest(t, alice)
		d.command(alice, "new")
		d.form(p, map[string]string{"kind": "information", "service": "office"})
		answers := map[string]string{"subject": "Outlook", "description": "Does not start."}
		var eleven []any
		for range 11 {
			eleven = append(eleven, one)
		}
		if errs := d.withFiles(p, answers, eleven...); errs["files"] != "There are 11 files: 10 at most." {
			t.Errorf("eleven files: %q", errs)
		}
		if errs := d.withFiles(p, answers, one, bad); !strings.HasPrefix(errs["files"], "setup.exe was not passed on: files of this type are not accepted") {
			t.Errorf("a program: %q", errs)
		}
		if errs := d.withFiles(p, answers, one, two); len(errs) > 0 {
			t.Fatalf("two files: %q", errs)
		}
		p.Close()
		card := d.find(support, "#1001 Outlook", "Requester")
		if a, b := d.received(support, card.TS, "one.txt"), d.received(support, card.TS, "two.txt"); string(a)+string(b) != "12" {
			t.Errorf("%q and %q came", a, b)
		}

		// [Attach]: files, with words or without.
		d.settle()
		p = d.slack.OpenTest(t, alice)
		three := d.uploaded(alice, "three.txt", []byte("3"))
		d.press(alice, d.conversation(alice, "1001"), "attach")
		d.titled(p, "Files for #1001")
		if errs := d.withFiles(p, nil, three); len(errs) > 0 {
			t.Fatalf("attached: %q", errs)
		}
		d.find(support, "Alice Martin wrote", "File: three.txt (1 byte)")
		if got := d.received(support, card.TS, "three.txt"); string(got) != "3" {
			t.Errorf("%q came", got)
		}
		d.settle()
		if n := d.carried(support); n != 3 {
			t.Errorf("the desk has %d files", n)
		}
	})
}

// A file goes along when its message becomes a ticket, by whatever way, or is added to one.
func TestFilesOfMessagesThatBecomeTickets(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		ts := d.send(alice, general, "The printer is on fire", "", "fire.txt", []byte("hot"))
		d.ticketEmoji(bruno, general, ts, true)
		card := d.find(support, "#1001 The printer is on fire", "Requester")
		if got := d.received(support, card.TS, "fire.txt"); string(got) != "hot" {
			t.Errorf("%q came", got)
		}
		d.settle()

		d.send(alice, alice, "And the scanner", "", "smoke.txt", []byte("grey"))
		offer := d.find(alice, "I can't tell which ticket this belongs to")
		d.answer(alice, offer.Channel, func() { d.press(alice, offer, "add") })
		if got := d.received(support, card.TS, "smoke.txt"); string(got) != "grey" {
			t.Errorf("%q came", got)
		}
		d.settle()
		if n := d.carried(support); n != 2 {
			t.Errorf("the desk has %d files", n)
		}
	})
}
