package app_test

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"guichet/bot/slack"
	"guichet/internal/strictslack"
)

// Slack shows a page to sign in, as if all were well, to whom it does not let have a file.
func TestAPageToSignInIsNotHandedOn(t *testing.T) {
	scopes := slices.DeleteFunc(slack.Scopes(), func(s string) bool { return s == "files:read" })
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		mine := d.conversation(alice, "1001")
		d.send(alice, mine.Channel, "Look", mine.TS, "shot.txt", []byte("pixels"))
		d.find(support, "shot.txt was not passed on: Slack does not let me have it.")
		d.find(alice, "shot.txt was not passed on: Slack does not let me have it.")
		d.settle()
		if n := d.carried(support); n != 0 {
			t.Errorf("the desk has %d files", n)
		}
	}, strictslack.WithScopes(scopes...))
}

func TestAFileThatIsGoneIsToldInWords(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		mine := d.conversation(alice, "1001")
		d.strict.Event(map[string]any{"type": "message", "subtype": "file_share", "user": alice, "text": "", "ts": "1795999999.000100", "thread_ts": mine.TS,
			"parent_user_id": d.slack.Config.App.BotUserID, "channel": mine.Channel, "channel_type": "im", "files": []any{
				map[string]any{"id": "F0GONE", "name": "gone.txt", "mimetype": "text/plain", "size": 4, "url_private_download": d.strict.URL + "/files-pri/T01ACME-F0GONE/gone.txt"}}})
		d.find(support, "Alice Martin wrote", "gone.txt")
		d.find(support, "gone.txt was not passed on: it was deleted meanwhile.")
		d.find(alice, "gone.txt was not passed on: it was deleted meanwhile.")
	})
}

// Slack shared the file, and its answer was lost: it is looked up, not shared twice.
func TestAFileWhoseSharingIsInDoubtIsSharedOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		card, mine := d.card("1001"), d.conversation(alice, "1001")
		d.strict.Inject(strictslack.Fault{Method: "files.completeUploadExternal", Kind: strictslack.Cut, AfterDone: true, Times: 1})
		d.send(alice, mine.Channel, "Look", mine.TS, "shot.txt", []byte("pixels"))
		if got := d.received(support, card.TS, "shot.txt"); string(got) != "pixels" {
			t.Errorf("%q came", got)
		}
		d.settle()
		if n := d.carried(support); n != 1 {
			t.Errorf("the desk has it %d times", n)
		}
	})
}

// A file goes out with the reply that it is on, and not at all when that is taken back.
func TestAHeldReplysFileIsHeld(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.restart(func(s string) string { return strings.ReplaceAll(s, "undo: 0s", "undo: 6s") })
		d.open(alice, "Outlook", "Does not start.")
		card, mine := d.card("1001"), d.conversation(alice, "1001")
		d.send(nadia, support, "Wrong", card.TS, "wrong.txt", []byte("x"))
		d.press(nadia, d.find(support, "Reply: goes to Alice Martin in"), "undo")
		d.find(support, "Taken back: Alice Martin does not see it.")
		d.send(nadia, support, "Right", card.TS, "right.txt", []byte("y"))
		d.find(support, "Reply: goes to Alice Martin in")
		d.eventually("it is here", func() bool { return d.number("SELECT COUNT(*) FROM files WHERE state = 'kept'") == 2 })
		if n := d.carried(alice); n != 0 {
			t.Errorf("Alice has %d files before their replies", n)
		}
		if got := d.received(alice, mine.TS, "right.txt"); string(got) != "y" {
			t.Errorf("%q came", got)
		}
		d.settle()
		d.never(alice, "wrong.txt")
		if n := d.carried(alice); n != 1 {
			t.Errorf("Alice has %d files", n)
		}
	})
}

func TestFilesAreKeptInABucket(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	backend := s3mem.New()
	if err := backend.CreateBucket("files"); err != nil {
		t.Fatal(err)
	}
	bucket := httptest.NewServer(gofakes3.New(backend).Server())
	defer bucket.Close()
	d := newDesk(t, t.TempDir()+"/guichet.db", "socket")
	d.restart(func(s string) string {
		return s + fmt.Sprintf("\nfiles: {s3: {endpoint: '%s', bucket: files, insecure: true}}\n", strings.TrimPrefix(bucket.URL, "http://"))
	})
	d.open(alice, "Outlook", "Does not start.")
	card, mine := d.card("1001"), d.conversation(alice, "1001")
	d.send(alice, mine.Channel, "Look", mine.TS, "shot.txt", []byte("pixels"))
	if got := d.received(support, card.TS, "shot.txt"); string(got) != "pixels" {
		t.Errorf("%q came", got)
	}
}
