package app_test

import (
	"strings"
	"testing"
)

// What agents write below a card stays heard when the queue has moved away and its old channel is no
// queue's any more.
func TestACardThatWasLeftBehindIsStillHeard(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		old := d.card("1001")
		d.restart(func(s string) string {
			before, rest, _ := strings.Cut(s, "  - key: emm\n    name: {en: Mobility")
			_, after, ok := strings.Cut(rest, "services:")
			if !ok {
				t.Fatal("the configuration has changed")
			}
			return strings.NewReplacer(support, emm, "queue: emm, ", "").Replace(before + "\nservices:" + after)
		})
		d.write(nadia, support, "Which version?", old.TS)
		d.find(alice, "Nadia Benali wrote", "Which version?")
		d.find(emm, "#1001 Outlook", "In progress", "Nadia Benali")
		// The old card can't show what changed, so the answer says it.
		d.shows(d.answer(nadia, support, func() { d.forge(nadia, old, "resolve", "1001/desk/0") }), "#1001 is resolved.")
		// Other talk there is nobody's business.
		root := d.write(nadia, support, "lunch?", "")
		d.write(oliver, support, "yes", root)
		d.never(alice, "lunch")
		if n := d.number("SELECT COUNT(*) FROM unplaced"); n != 0 {
			t.Errorf("%d messages of a foreign thread are kept", n)
		}
	})
}
