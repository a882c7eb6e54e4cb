package config

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const badPrefix = "must be a letter, then up to 6 letters or digits, then a dash, such as EMM-"

func TestRouteProblems(t *testing.T) {
	for _, test := range []struct{ name, old, text, want string }{
		{"a route nowhere", "", "routes: [{words: [vpn]}]\n", "13: routes[0].queue: is missing: write the key of the queue that it leads to"},
		{"a route to no queue", "", "routes: [{words: [vpn], queue: b}]\n", "13: routes[0].queue: names no queue of this file: the keys are support"},
		{"a route for a letter", "", "routes: [{words: [v], queue: support}]\n", "13: routes[0].words[0]: must be a word of two letters at least, or several"},
		{"a route for no service", "", "routes: [{service: [b], queue: support}]\n", "13: routes[0].service[0]: names no service of this file: the keys are office"},
		{"a route before others", "", "routes: [{queue: support}, {words: [vpn], queue: support}]\n",
			"13: routes[0]: fits every ticket, so that none of the routes below is ever looked at: move it to the end"},
		{"a route with an unknown key", "", "routes: [{services: [office], queue: support}]\n",
			"13: routes[0].services: is not a known key: the keys here are name, service, kind, organization, words, during, time_zone, queue"},
		{"a route for no kind", "", "routes: [{kind: [wish], queue: support}]\n", "13: routes[0].kind[0]: must be incident or information"},
		{"a route for no organization", "", "routes: [{organization: [b], queue: support}]\n", "13: routes[0].organization[0]: names no organization of this file: the keys are acme"},
		{"a route for signs", "", "routes: [{words: ['C++'], queue: support}]\n", "13: routes[0].words[0]: must be a word of two letters at least, or several"},
		{"a route for a word twice", "", "routes: [{words: [vpn, vpn], queue: support}]\n", "13: routes[0].words[1]: is given twice: keep one"},
		{"a route for no day", "", "routes: [{during: ['lundi 18:00-24:00'], queue: support}]\n", "13: routes[0].during[0]: " + badHours},
		{"a route for no time", "", "routes: [{during: ['mon 18:00-18:00'], queue: support}]\n", "13: routes[0].during[0]: has a time that is over as it begins: for the whole day write 00:00-24:00"},
		{"a route from midnight", "", "routes: [{during: ['mon 24:00-06:00'], queue: support}]\n", "13: routes[0].during[0]: has a time that begins at 24:00: write 00:00, on the next day"},
		{"a route after midnight", "", "routes: [{during: ['mon 18:00-25:00'], queue: support}]\n", "13: routes[0].during[0]: has a time that is none: write times from 00:00 to 24:00"},
		{"a route by night twice", "", "routes: [{during: ['mon 22:00-06:00 23:00-24:00'], queue: support}]\n", "13: routes[0].during[0]: has times that overlap"},
		{"a route's time zone", "", "routes: [{words: [vpn], time_zone: Paris, queue: support}]\n", "13: routes[0].time_zone: is not a time zone: write an IANA name, such as Europe/Paris or UTC"},
		{"a time zone of no time", "", "routes: [{words: [vpn], time_zone: UTC, queue: support}]\n", "13: routes[0].time_zone: says nothing without during: set that too, or leave this out"},
		{"routes of one name", "", "routes:\n  - {name: a, words: [vpn], queue: support}\n  - {name: a, words: [wifi], queue: support}\n",
			"15: routes[1].name: is the same as routes[0].name: each needs its own"},
		{"a route that is hidden", "", "routes:\n  - {words: [vpn, wifi], queue: support}\n  - {words: [WiFi], kind: [incident], queue: support}\n",
			"15: routes[1]: is never looked at: routes[0] fits every ticket that this one does; move this one above it, or remove it"},
		{"a route that is hidden by night", "", "routes:\n  - {during: ['mon 22:00-06:00', tue 00:00-12:00], queue: support}\n  - {during: ['mon  22:00-06:00'], time_zone: UTC, queue: support}\n",
			"15: routes[1]: is never looked at: routes[0] fits every ticket that this one does; move this one above it, or remove it"},
		{"a route for EMM", "key: office", "  - {key: phones, form: emm}\nroutes: [{service: [phones], words: [vpn], queue: support}]\n",
			"13: routes[0].service[0]: is EMM, which always goes to its own queue, support: leave it out"},

		{"prefix without a dash", "channel:", "    channel: C1\n    prefix: EMM\n", "11: queues[0].prefix: " + badPrefix},
		{"prefix of digits", "channel:", "    channel: C1\n    prefix: 12-\n", "11: queues[0].prefix: " + badPrefix},
		{"prefix of letters with accents", "channel:", "    channel: C1\n    prefix: Été-\n", "11: queues[0].prefix: " + badPrefix},
		{"prefix long", "channel:", "    channel: C1\n    prefix: SUPPORTS-\n", "11: queues[0].prefix: " + badPrefix},
		{"a service like a number", "key: office", "  - key: office-365\n", "12: services[0].key: reads like the number of a ticket, since the queue support has the prefix OFFICE-: choose another key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := edit(t, test.old, test.text)
			if strings.Contains(test.want, "has the prefix") {
				text = strings.Replace(text, "key: support\n", "{key: support, prefix: OFFICE-, workspace: acme, channel: C0SUPPORT}\n", 1)
				text = strings.Replace(text, "    workspace: acme\n    channel: C0SUPPORT\n", "\n\n", 1)
			}
			_, err := loadText(t, text, tokens...)
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff("guichet.yaml:"+test.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// several is a file with two organizations, and a queue of each kind.
const several = `organizations: [{key: acme}, {key: globex}]
slack: [{key: acme, team: T01ACME, organization: acme}]
queues:
  - {key: support, workspace: acme, channel: C1, time_zone: Europe/Paris, prefix: "SUP-"}
  - {key: network, workspace: acme, channel: C2, organizations: [acme]}
  - {key: sales, workspace: acme, channel: C3, open_to: managers}
services:
  - {key: office}
  - {key: phones, form: emm, queue: network}
routes:
`

func TestWhichRoutesCanBeReached(t *testing.T) {
	const hidden = "guichet.yaml:12: routes[1]: is never looked at: routes[0] fits every ticket that this one does; move this one above it, or remove it"
	for _, test := range []struct{ name, routes, want string }{
		{"others", "  - {words: [vpn], queue: support}\n  - {words: [wifi], queue: support}\n", ""},
		{"wider ones", "  - {words: [vpn], kind: [incident], queue: support}\n  - {words: [vpn], queue: support}\n", ""},
		{"one for all comes last", "  - {words: [vpn], queue: support}\n  - {queue: support}\n", ""},
		{"one for all that is passed over for some", "  - {words: [vpn], queue: network}\n  - {words: [vpn], queue: support}\n", ""},
		{"one for all whom the queue serves", "  - {words: [vpn], queue: network}\n  - {words: [vpn], organization: [acme], queue: support}\n", hidden},
		{"one for managers", "  - {words: [vpn], queue: sales}\n  - {words: [vpn], queue: support}\n", ""},
		{"other times", "  - {during: ['mon 22:00-06:00'], queue: support}\n  - {during: ['mon 22:00-07:00'], queue: support}\n", ""},
		{"the same times elsewhere", "  - {during: ['mon 22:00-06:00'], queue: support}\n  - {during: ['mon 22:00-06:00'], time_zone: UTC, queue: support}\n", ""},
		{"the same times in another queue of the same zone", "  - {during: ['mon 22:00-06:00'], time_zone: UTC, queue: support}\n  - {during: ['mon 22:00-06:00'], words: [vpn], queue: sales}\n", hidden},
		{"not one service", "  - {service: [office], queue: support}\n  - {words: [vpn], queue: support}\n", ""},
		{"one service of two", "  - {service: [office], queue: support}\n  - {service: [office], words: [vpn], queue: support}\n", hidden},
		{"for all, before another", "  - {queue: support}\n  - {words: [vpn], queue: support}\n",
			"guichet.yaml:11: routes[0]: fits every ticket, so that none of the routes below is ever looked at: move it to the end"},
		{"for whom the queue does not serve", "  - {organization: [acme, globex], queue: network}\n",
			"guichet.yaml:11: routes[0].organization[1]: is not served by the queue network: add it to the queue's organizations"},
		{"EMM of those whom EMM's queue does not serve", "  - {service: [phones], organization: [globex], queue: support}\n", ""},
		{"EMM of those whom it serves", "  - {service: [office, phones], organization: [acme], queue: support}\n",
			"guichet.yaml:11: routes[0].service[1]: is EMM, which always goes to its own queue, network: leave it out"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := loadText(t, several+test.routes, tokens...)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestStrangersAreNoManagers(t *testing.T) {
	text := strings.Replace(several, "open_to: managers}", "open_to: managers, mail: sales@acme.example, strangers: acme}", 1) + "  - {words: [vpn], queue: support}\n" +
		"mail: {from: desk@acme.example, smtp: {address: 'mail.acme.example:25'}}\n"
	_, err := loadText(t, text, append(tokens, "GUICHET_MAIL_SECRET="+strings.Repeat("s", 32))...)
	want := "guichet.yaml:6: queues[2].strangers: is set, but only managers may open tickets in this queue, and no stranger is one: leave it out"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestRouteValues(t *testing.T) {
	c := mustLoad(t, several+"  - {name: nights, during: ['fri 22:00-06:00', 'sat,sun 00:00-24:00'], queue: sales}\n", tokens...)
	r := c.Routes[0]
	want := []TimeSpan{{22 * time.Hour, 30 * time.Hour}}
	if r.Name != "nights" || r.TimeZone != nil || cmp.Diff(want, r.During[0].Spans) != "" || r.During[1].Spans[0] != (TimeSpan{0, day}) || len(r.During[1].Days) != 2 {
		t.Errorf("routes %+v", c.Routes)
	}
	if c.Queues[0].Prefix != "SUP-" || c.Queues[0].OpenTo != "everyone" || c.Queues[2].OpenTo != "managers" {
		t.Errorf("queues %+v", c.Queues)
	}
}

// What only asks what the file says needs no token, and all that is wrong besides is still told.
func TestWithoutSecrets(t *testing.T) {
	text := several + "  - {words: [v], queue: support}\nmattermost: [{key: mm, url: 'http://h', team: abcdefghijklmnopqrstuvwxyz, organization: acme, callback_url: 'http://h'}]\n" +
		"mail: {from: desk@acme.example, smtp: {address: 'mail.acme.example:25', user: desk}}\n"
	_, err := read(write(t, text), []string{"GUICHET_SLACK_ACME_BOT_TOKEN=sesame", "GUICHET_TYPO=x"}, false)
	if err == nil || !strings.Contains(err.Error(), ":11: routes[0].words[0]: must be") || !strings.Contains(err.Error(), "GUICHET_TYPO: is not") || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("got %v", err)
	}
	c, err := LoadWithoutSecrets(write(t, strings.Replace(text, "[v]", "[vpn]", 1)), nil)
	if err != nil || c.Slack[0].BotToken != "" || len(c.Routes) != 1 {
		t.Errorf("got %+v, %v", c, err)
	}
}
