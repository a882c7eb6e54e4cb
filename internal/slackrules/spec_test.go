package slackrules

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// spec is a specification of Slack's blocks that lies beside the repository on some machines. Where
// it does not, these tests check nothing.
const spec = "../../../shared/slack-spec/"

func TestSpecValidPass(t *testing.T) {
	files, err := filepath.Glob(spec + "blocks/valid/*/*.json")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, file := range files {
		kind, name := filepath.Base(filepath.Dir(file)), filepath.Base(file)
		var m obj
		read(t, file, &m)
		var errs []error
		switch {
		case kind == "messages":
			errs = Message(m)
		case kind == "attachments":
			errs = Message(obj{"attachments": []any{m}})
		case kind == "views":
			errs = View(m)
		case kind == "blocks":
			errs = inMessage(m)
		case kind == "elements" && m["type"] != "url":
			errs = elements.of()(name, m)
		case strings.HasPrefix(name, "option_group"):
			errs = optionGroup(name, m)
		case strings.HasPrefix(name, "option"):
			errs = option(name, m)
		case strings.HasPrefix(name, "text"):
			errs = text(3000)(name, m)
		case strings.HasPrefix(name, "confirmation"):
			errs = confirm(name, m)
		default:
			continue // we have no rule for it
		}
		checked++
		if len(errs) > 0 {
			t.Errorf("%s/%s: %v", kind, name, errs)
		}
	}
	t.Logf("%d of %d valid examples apply", checked, len(files))
}

// Each case of the specification that concerns a kind of thing in our table is a case of ours,
// with the specification's number, so TestLimits and TestLaws have seen it fail.
func TestSpecInvalidFail(t *testing.T) {
	var manifest struct {
		Cases []struct{ ID, Constraint string }
	}
	var numbers obj
	if !read(t, spec+"blocks/invalid/manifest.json", &manifest) || !read(t, spec+"blocks.limits.json", &numbers) {
		return
	}
	// Blocks of Slack's that guichet does not use, so that we have no rules for what is in them.
	foreign := []string{"alert", "card", "carousel", "container", "context_actions", "data_table", "data_visualization",
		"feedback_button", "icon_button", "table", "url_source", "video"}
	applied := 0
	for _, c := range manifest.Cases {
		thing, _, _ := strings.Cut(c.Constraint, ".")
		if slices.Contains(foreign, thing) {
			continue
		}
		applied++
		number := lookUp(numbers, c.Constraint)
		found := false
		for _, l := range limits {
			if l.name == c.Constraint {
				found = true
				if number != nil && number != float64(l.n) {
					t.Errorf("%s: the specification says %v, we %d", c.ID, number, l.n)
				}
			}
		}
		for _, l := range laws {
			found = found || l.name == c.Constraint
		}
		if !found {
			t.Errorf("%s: there is no case for %s", c.ID, c.Constraint)
		}
	}
	t.Logf("%d of %d invalid cases apply", applied, len(manifest.Cases))
}

// lookUp finds a value by its path.
func lookUp(v any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		m, _ := v.(obj)
		v = m[name]
	}
	return v
}

// read reads a file of the specification; false where it is not there.
func read(t *testing.T, file string, v any) bool {
	t.Helper()
	b, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	// Examples made by a generator give every block the same id, which Slack would refuse.
	b = []byte(strings.ReplaceAll(string(b), `"block_id": "fake_block_id",`, ""))
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
	return true
}
