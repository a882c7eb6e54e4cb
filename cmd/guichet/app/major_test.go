package app_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"guichet/bot/slack"
	"guichet/internal/strictslack"
)

// onCall has Oliver on call in the first queue, day and night.
func (d *desk) onCall() {
	d.t.Helper()
	calendar := strings.ReplaceAll(`BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//acme//rota//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART:20260101T000000Z
DTEND:20260102T000000Z
RRULE:FREQ=DAILY
SUMMARY:Oliver Smith
END:VEVENT
END:VCALENDAR
`, "\n", "\r\n")
	file := filepath.Join(filepath.Dir(d.file), "oncall.ics")
	if err := os.WriteFile(file, []byte(calendar), 0o600); err != nil {
		d.t.Fatal(err)
	}
	d.restart(func(s string) string {
		return strings.Replace(s, "channel: G02SUPPORT", "channel: G02SUPPORT\n    on_call_file: "+file, 1)
	})
}

// majorly is the life of a major incident, up to its end; room is where the desk talks about it.
func (d *desk) majorly(room func() string) {
	t := d.t
	t.Helper()
	d.open(alice, "Outlook crashes", "At start.")
	d.open(bruno, "Outlook too", "Me as well.")
	card := d.card("1001")
	d.write(oliver, support, "note: I am on call.", card.TS) // so it is known whose account is that of Oliver Smith
	if errs := d.wrongly(nadia, card, "declare", map[string]string{"severity": "sev1", "every": "30m0s", "title": " "}); errs["title"] == "" {
		t.Errorf("declared without a title: %q", errs)
	}
	d.settle()
	if errs := d.fill(nadia, d.card("1001"), "declare", map[string]string{"severity": "sev1", "title": "Outlook does not open", "told": "everybody"}); len(errs) > 0 {
		t.Fatalf("declared: %q", errs)
	}
	d.find(support, "Nadia Benali has declared #1001 a major incident: Outlook does not open.", "Severity 1", "<@"+oliver+">")
	d.find(alice, "Your ticket is a major incident")
	d.find(support, "#1001 Outlook crashes", "1: many people can’t work")
	d.settle()
	d.write(nadia, support, "?part 1001", d.card("1002").TS)
	d.find(bruno, "Your ticket is part of an incident")

	at := room()
	root := card.TS
	if at != support {
		root = ""
	}
	ts, err := d.slack.PostMessage(t.Context(), nadia, at, "The disk was full.", root)
	if err != nil {
		t.Fatal(err)
	}
	d.delivered()
	if err := d.slack.React(t.Context(), oliver, at, ts, "pushpin", true); err != nil {
		t.Fatal(err)
	}
	d.eventually("the timeline has it", func() bool {
		return d.number("SELECT COUNT(*) FROM marks WHERE body = 'The disk was full.' AND author = 'Nadia Benali'") == 1
	})

	d.exec("UPDATE incidents SET update_at = 1")
	d.restart(func(s string) string { return s })
	if m := d.find(support, "An update is due", "<@"+nadia+">"); m.ThreadTS != card.TS {
		t.Error("the owner is not reminded in the ticket's thread")
	}
	d.write(nadia, support, "We found it.", card.TS)
	d.find(bruno, "Nadia Benali", "We found it.")
	d.settle()

	p := d.slack.OpenTest(t, nadia)
	d.press(nadia, d.card("1001"), "end")
	v := d.view(p)
	for _, text := range []string{"Outlook does not open", "2 people are affected", "Nadia Benali: The disk was full."} {
		if !strings.Contains(string(v.Blocks), text) {
			t.Errorf("the summary does not begin with %q: %s", text, v.Blocks)
		}
	}
	if errs := d.form(p, map[string]string{"summary": "A disk was full; there is a larger one."}); len(errs) > 0 {
		t.Fatalf("ended: %q", errs)
	}
	p.Close()
	for _, who := range []string{alice, bruno} {
		d.find(who, "Nadia Benali", "A disk was full; there is a larger one.")
		d.find(who, "has marked the ticket as resolved")
	}
	d.settle()
}

// Where the app was granted no more than it needs, it is worked on in the card's thread.
func TestMajorIncidentInAThread(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.onCall()
		d.stop()
		p := d.takeMail(false)
		d.start()
		d.majorly(func() string {
			d.wishes("Alice Martin", alicesMail.Address, "away")
			return support
		})
		d.got(p, alicesMail.Address, "A disk was full; there is a larger one.") // she is not away
		if n := d.number("SELECT COUNT(*) FROM incidents WHERE channel = 'G02SUPPORT' AND root <> '' AND ended_at > 0"); n != 1 {
			t.Errorf("%d incidents are in a thread, and over", n)
		}
	})
}

// Where it was granted the optional scopes, it has a channel of its own.
func TestMajorIncidentInAChannel(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.onCall()
		room := ""
		d.majorly(func() string {
			d.eventually("the channel is there", func() bool {
				id, members := d.strict.ChannelNamed("incident-1001")
				room = id
				return slices.Contains(members, nadia) && slices.Contains(members, oliver) && d.number("SELECT COUNT(*) FROM incidents WHERE channel <> '' AND root = ''") == 1
			})
			first := d.find(room, "Major incident #1001: Outlook does not open", "within 60 minutes")
			if !d.strict.Pinned(room, first.TS) {
				t.Error("its first message is not pinned")
			}
			return room
		})
		d.find(room, "Incident #1001 is over", "A disk was full; there is a larger one.")
		if n := len(d.containing(room, "Major incident")); n != 1 {
			t.Errorf("it begins %d times", n)
		}
	}, strictslack.WithScopes(slices.Concat(slack.Scopes(), slack.OptionalScopes())...))
}

// Who takes it over, or watches it, is brought into its channel, which its card names.
func TestWhoComesLaterIsInTheChannelToo(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook crashes", "At start.")
		d.write(oliver, support, "note: I am here.", d.card("1001").TS) // so it is known who he is
		if errs := d.fill(nadia, d.card("1001"), "declare", map[string]string{"severity": "sev2", "title": "Outlook does not open", "told": "everybody"}); len(errs) > 0 {
			t.Fatalf("declared: %q", errs)
		}
		d.find(support, "#1001 Outlook crashes", "Channel", "incident-1001")
		d.settle()
		if _, members := d.strict.ChannelNamed("incident-1001"); !slices.Contains(members, nadia) || slices.Contains(members, oliver) {
			t.Errorf("in it are %v", members)
		}
		d.write(oliver, support, "?watch", d.card("1001").TS)
		d.eventually("he is in it", func() bool {
			_, members := d.strict.ChannelNamed("incident-1001")
			return slices.Contains(members, oliver)
		})
	}, strictslack.WithScopes(slices.Concat(slack.Scopes(), slack.OptionalScopes())...))
}

// The same in Mattermost, with and without the right to make channels.
func TestMajorIncidentInMattermost(t *testing.T) {
	for name, granted := range map[string]bool{"channel": true, "thread": false} {
		t.Run(name, func(t *testing.T) {
			onceAcrossPlatforms(t, true, func(t *testing.T, d *desk, m *team) {
				if !granted {
					m.ForbidChannels()
				}
				d.openIn(m.carla, "Outlook crashes", "At start.")
				card := d.shownIn(m.queue, "Outlook crashes", "Requester")
				d.click(m.nina, card, "Major incident…")
				d.sendForm(m.nina, map[string]any{"severity": "sev2", "every": "15m0s", "title": "Outlook does not open", "told": "everybody"})
				d.shownIn(m.queue, "has declared #1001 a major incident: Outlook does not open.")
				d.shownIn(m.Direct(m.carla), "Your ticket is a major incident")
				d.eventually("its place is made", func() bool { return d.number("SELECT COUNT(*) FROM incidents WHERE channel <> ''") == 1 })
				said := card
				if room := m.ChannelNamed("incident-1001"); granted {
					if !slices.Contains(room.Members, m.nina) {
						t.Errorf("in it are %v", room.Members)
					}
					if first := d.shownIn(room.ID, "Major incident #1001: Outlook does not open", "within 15 minutes"); !first.IsPinned {
						t.Error("its first message is not pinned")
					}
					posted, err := m.Say(m.nina, room.ID, "", "The disk was full.")
					if err != nil {
						t.Fatal(err)
					}
					said = posted
				} else {
					said = d.say(m.nina, card, "note: The disk was full.")
				}
				d.settle()
				m.React(m.nina, said.ID, "pushpin", true)
				d.eventually("the timeline has it", func() bool { return d.number("SELECT COUNT(*) FROM marks WHERE body LIKE '%disk was full.'") == 1 })
				d.click(m.nina, d.shownIn(m.queue, "Outlook crashes", "Requester"), "End the incident…")
				d.sendForm(m.nina, map[string]any{"summary": "A disk was full."})
				d.shownIn(m.Direct(m.carla), "A disk was full.")
				d.shownIn(m.Direct(m.carla), "has marked the ticket as resolved")
				if granted {
					d.shownIn(m.ChannelNamed("incident-1001").ID, "Incident #1001 is over", "A disk was full.")
				}
				d.settle()
			})
		})
	}
}
