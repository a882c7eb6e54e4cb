// Package guichet_test holds what is said of the whole house and belongs to no room.
package guichet_test

import (
	"bytes"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	domain   = "money sheet store helpdesk helpdesk/clock license billing"
	door     = "markup bot bot/card bot/text " + domain
	forTests = "internal/... store/storetest bot/bottest"
)

// rooms says what each folder may import of this module, by the first line that fits; its tests may
// import what helps testing besides. A folder without a line may not be there. Rooms that are
// still to come have theirs already. "x/..." is x and all below it.
var rooms = []struct{ room, may string }{
	{"store", ""},
	{"store/blob", ""},
	{"markup", ""},
	{"money", ""},
	{"sheet", ""},
	{"helpdesk", "helpdesk/clock markup store"},
	{"helpdesk/clock", ""},
	{"helpdesk/rota", ""},
	{"license", "money sheet store helpdesk"},
	{"billing", "money sheet store helpdesk"},

	{"hook", "license store"},

	{"bot/card", "markup"},
	{"bot/text", "money"},
	{"bot/chart", ""},
	{"bot", "markup bot/card bot/chart bot/text " + domain},
	{"bot/relay", "store/blob " + door},
	{"bot/slack", door},
	{"bot/mattermost", door},
	{"bot/mail", "bot/mail/wire bot/mail/letter store/blob " + door},
	{"bot/mail/wire", ""},
	{"bot/mail/letter", ""},
	{"bot/web", door},

	{"cmd/guichet/config", "money"},
	{"cmd/guichet/app", "helpdesk/rota cmd/guichet/config hook store/blob bot/relay bot/slack bot/mattermost bot/mail bot/web " + door},
	{"cmd/guichet", "cmd/guichet/app cmd/guichet/config helpdesk store"},

	// What is never part of the program.
	{"store/storetest", "store internal/pgtest"},
	{"bot/bottest", door},
	{"bench/...", "bot/slack cmd/guichet/app cmd/guichet/config helpdesk helpdesk/clock internal/freeport internal/localslack internal/pgtest store"},
	{"internal/demo", "internal/localslack internal/strictslack"},
	{"internal/strictslack", "internal/localslack internal/slackrules"},
	{"internal/pgtest/with", "internal/freeport internal/pgtest"},
	{"internal/postoffice", "bot/mail/letter"},
	{"internal/...", ""},
	{".", ""},
}

// outside says who alone may import what comes from outside of this module, in shipped code.
var outside = []struct{ library, rooms string }{
	{"database/sql/...", "store internal/... bench/..."},
	{"github.com/jmoiron/sqlx/...", "store"},
	{"github.com/lib/pq/...", "store internal/pgtest/..."},
	{"modernc.org/sqlite/...", "store"},
	{"github.com/pressly/goose/v3/...", "store"},
	{"github.com/minio/minio-go/v7/...", "store/blob"},
	{"github.com/slack-go/slack/...", "bot/slack internal/..."},
	{"github.com/mattermost/mattermost/...", "bot/mattermost"},
	{"github.com/wneessen/go-mail/...", "bot/mail/wire"},
	{"github.com/emersion/...", "helpdesk/rota bot/mail/wire bot/mail/letter internal/postoffice"},
	{"github.com/alecthomas/kong/...", "cmd/guichet"},
	{"github.com/bojanz/currency/...", "money"},
	{"github.com/standard-webhooks/standard-webhooks/...", "hook"},
	{"github.com/go-analyze/charts/...", "bot/chart"},
	{"codeberg.org/go-pdf/fpdf/...", "internal/demo"},
	{"github.com/prometheus/client_golang/...", "cmd/guichet/app"},
	{"net/http/...", "hook bot/slack bot/mattermost bot/mail bot/web cmd/guichet/app internal/... bench/..."}, // no network in the verbs
	{"testing", "store/storetest bot/bottest internal/..."},
}

// pure are the rooms that need nothing but the standard library and each other.
const pure = "bot/card"

// tooLong are the files of more than 400 lines, each with what speaks for it. There is none.
var tooLong = map[string]string{}

// file is one Go file of this repository.
type file struct {
	name    string // from the root
	lines   int
	imports []string
}

// Imports run one way, and what belongs to one room is used in that room.
func TestImportsRunOneWay(t *testing.T) {
	all := files(t)
	if len(all) < 80 {
		t.Fatalf("only %d files found", len(all))
	}
	for _, f := range all {
		for _, w := range wrong(f) {
			t.Error(w)
		}
	}
}

func TestFilesHaveOneSubject(t *testing.T) {
	for _, f := range files(t) {
		_, known := tooLong[f.name]
		if long := f.lines > 400 && !strings.HasSuffix(f.name, "_test.go"); long != known {
			t.Errorf("%s has %d lines, and tooLong says %q", f.name, f.lines, tooLong[f.name])
		}
	}
}

// wrong says what a file imports and should not.
func wrong(f file) (complaints []string) {
	room := path.Dir(f.name)
	i := slices.IndexFunc(rooms, func(r struct{ room, may string }) bool { return within(r.room, room) })
	if i < 0 {
		return []string{f.name + ": " + room + " is a new room: say in arrows_test.go what it may import"}
	}
	test := strings.HasSuffix(f.name, "_test.go")
	may := rooms[i].may
	if test {
		may += " " + room + " " + forTests
	}
	for _, p := range f.imports {
		ours, own := strings.CutPrefix(p, "guichet/")
		first, _, _ := strings.Cut(p, "/")
		switch {
		case own && !within(may, ours):
			complaints = append(complaints, f.name+" must not import "+ours)
		case !test && !own && strings.Contains(first, ".") && within(pure, room):
			complaints = append(complaints, f.name+": "+room+" needs no library, not "+p)
		}
		for _, o := range outside {
			if !test && within(o.library, p) && !within(o.rooms, room) {
				complaints = append(complaints, f.name+": "+p+" is for "+o.rooms)
			}
		}
	}
	return complaints
}

// within says whether a path is one of a list.
func within(list, path string) bool {
	return slices.ContainsFunc(strings.Fields(list), func(one string) bool {
		one, below := strings.CutSuffix(one, "/...")
		return path == one || below && strings.HasPrefix(path, one+"/")
	})
}

// files reads every Go file of the repository.
func files(t *testing.T) (all []file) {
	t.Helper()
	err := filepath.WalkDir(".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && name != "." && strings.HasPrefix(e.Name(), "."):
			return fs.SkipDir
		case e.IsDir() || filepath.Ext(name) != ".go":
			return nil
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, b, parser.ImportsOnly)
		if err != nil {
			return err
		}
		f := file{name: filepath.ToSlash(name), lines: bytes.Count(b, []byte("\n"))}
		for _, i := range parsed.Imports {
			f.imports = append(f.imports, strings.Trim(i.Path.Value, `"`))
		}
		all = append(all, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestArrowsCanFail(t *testing.T) {
	for _, c := range []struct {
		name, imports string
		fine          bool
	}{
		{"store/a.go", "github.com/lib/pq", true},
		{"store/a.go", "guichet/helpdesk", false},
		{"store/a_test.go", "guichet/helpdesk", false},
		{"store/a_test.go", "guichet/store/storetest", true},
		{"store/a.go", "guichet/store/storetest", false},
		{"helpdesk/a.go", "guichet/store", true},
		{"helpdesk/a.go", "guichet/bot/text", false},
		{"helpdesk/a.go", "guichet/billing", false},
		{"helpdesk/a.go", "github.com/jmoiron/sqlx", false},
		{"helpdesk/a.go", "database/sql/driver", false},
		{"helpdesk/a.go", "net/http", false},
		{"bot/card/a.go", "strings", true},
		{"bot/card/a.go", "github.com/google/uuid", false},
		{"bot/card/a.go", "guichet/store", false},
		{"bot/a.go", "guichet/bot/slack", false},
		{"bot/a.go", "guichet/bot/relay", false},
		{"bot/relay/a.go", "guichet/bot/slack", false},
		{"bot/slack/a.go", "guichet/bot", true},
		{"bot/slack/a.go", "guichet/bot/relay", false},
		{"bot/slack/a.go", "guichet/bot/mattermost", false},
		{"bot/slack/a.go", "guichet/internal/slackrules", false},
		{"bot/slack/a_test.go", "guichet/internal/slackrules", true},
		{"bot/web/a.go", "github.com/slack-go/slack/slackevents", false},
		{"bot/slackbot/a.go", "", false},
		{"cmd/guichet/app/a.go", "guichet/internal/localslack", false},
		{"cmd/guichet/app/a.go", "testing", false},
		{"cmd/guichet/config/a.go", "guichet/bot/slack", false},
		{"internal/pgtest/with/a.go", "guichet/internal/pgtest", true},
		{"internal/demo/a.go", "guichet/store", false},
		{"utils/a.go", "", false},
	} {
		if got := wrong(file{name: c.name, imports: []string{c.imports}}); (len(got) == 0) != c.fine {
			t.Errorf("%s imports %s: %q", c.name, c.imports, got)
		}
	}
}
