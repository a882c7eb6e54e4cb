package app_test

import (
	"slices"
	"strings"
	"testing"

	"guichet/internal/fakemattermost"
)

// What was written while guichet was away is read before what is written now is taken in, however long the reading
// takes: agents read a conversation in its order.
func TestWhatWasMissedInMattermostComesFirst(t *testing.T) {
	acrossPlatforms(t, false, func(t *testing.T, d *desk, m *team) {
		mine := d.openIn(m.carla, "Excel", "Crashes.")
		card := d.cardOf("Excel")
		d.settle()
		d.stop()
		d.say(m.carla, mine, "one")
		d.say(m.carla, mine, "two")
		m.Inject(fakemattermost.Fault{Method: "GET", Path: "/users/" + m.Bot + "/teams/", Status: 503, Times: 1})
		d.start()
		d.eventually("reading has failed", func() bool { return strings.Contains(d.log.String(), "what was missed is not read") })
		d.say(m.carla, mine, "three")
		for _, text := range []string{"one", "two", "three"} {
			d.find(support, "Carla Rossi wrote", text)
		}
		if got := d.wrote(card, "Carla Rossi"); !slices.Equal(got, []string{"one", "two", "three"}) {
			t.Errorf("the desk reads %q", got)
		}
	})
}
