package config

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// edit replaces, in small, the line that starts with old (after its indentation and dash), or adds at the end when
// old is "".
func edit(t *testing.T, old, text string) string {
	t.Helper()
	if old == "" {
		return small + text
	}
	lines := strings.SplitAfter(small, "\n")
	i := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(strings.TrimLeft(line, " -"), old) })
	if i < 0 {
		t.Fatalf("no line %q", old)
	}
	lines[i] = text
	return strings.Join(lines, "")
}

const (
	badKey      = "must be a lower-case letter, then up to 31 lower-case letters, digits or dashes, such as acme"
	badDuration = "must be a length of time, such as 30m, 48h or 5d"
	badCron     = "is not a cron expression: write five fields (minute, hour, day, month, weekday), such as 0 9-17 * * 1-5"
	badChannel  = "is not a channel id: write the id that ends the channel's link, such as C0SUPPORT, not its name"
	badManager  = "must be a workspace's key, a colon and a user id, such as acme:U02MARTIN"
	badDatabase = "must be a file's path, such as guichet.db, or an address that starts with postgres://"
	badAddress  = "is not an address that can be read: write postgres://user:password@host:5432/name, with %40 for @, %2F for / and %23 for # in the password"
	badURL      = "must be an http:// or https:// address without a query, such as https://slack.com/api/"
	notServed   = "must be left out: this is the default queue, which takes every ticket that no other does; or name another one in default_queue"
	topKeys     = "database, listen, language, log, stop_timeout, link, files, mail, organizations, slack, mattermost, queues, routes, macros, priorities, default_queue, sales_queue, provisioning_queue, billing_queue, services, currency, general_terms, license_reminders"
	badHours    = `must be days and times, such as "mon-fri 09:00-12:30 14:00-18:00" or "sat 10:00-12:00": days are mon, tue, wed, thu, fri, sat, sun`
	reservedKey = "is a word of the /ticket command (help, list, new, why, stats, macro, search): choose another key"
)

// manyServices is one more service than a form can show.
func manyServices() string {
	var b strings.Builder
	for i := range 101 {
		fmt.Fprintf(&b, "  - key: s%d\n", i)
	}
	return b.String()
}

// manyMacros is likewise.
func manyMacros() string {
	var b strings.Builder
	b.WriteString("macros:\n")
	for i := range 101 {
		fmt.Fprintf(&b, "  - {key: m%d, text: x}\n", i)
	}
	return b.String()
}

// manyLicenses is likewise, over two services.
func manyLicenses() string {
	var b strings.Builder
	for i := range 101 {
		if i%60 == 0 {
			fmt.Fprintf(&b, "  - key: s%d\n    licenses:\n", i)
		}
		fmt.Fprintf(&b, "      - {key: l%d}\n", i)
	}
	return b.String()
}

func TestProblems(t *testing.T) {
	for _, test := range []struct{ name, old, text, want string }{
		{"unknown key", "", "colour: red\n", "13: colour: is not a known key: the keys here are " + topKeys},
		{"unknown inner key", "", "log: {levle: info}\n", "13: log.levle: is not a known key: the keys here are level, format"},
		{"unknown key that may be a token", "", "xoxb-sesame: 1\n", "13: ?: is not a known key: the keys here are " + topKeys},
		{"merge key", "", "<<: {language: en}\n", "13: ?: is not a known key: the keys here are " + topKeys},
		{"key that is no text", "", "? [a]\n: b\n", "13: ?: is not a known key: the keys here are " + topKeys},
		{"key twice", "", "language: en\nlanguage: fr\n", "14: language: is given twice, first at line 13: keep one"},
		{"alias", "", "language: &l en\nlisten: *l\n", "14: listen: is a YAML alias (*), which is not read here: write the value itself, or quote it"},
		{"alias of itself", "", "log: &l [*l]\n", "13: log: must be a block of keys: level, format"},
		{"alias of its own block", "key: office", "  - &s {key: office, name: *s}\n", "12: services[0].name: is a YAML alias (*), which is not read here: write the value itself, or quote it"},

		{"number for text", "", "database: 12\n", "13: database: must be text: put it between quotes"},
		{"list for text", "", "database: [a]\n", "13: database: must be a single value, not a list or a block of keys"},
		{"text for block", "", "log: info\n", "13: log: must be a block of keys: level, format"},
		{"text for list", "key: office", "  office\n", "11: services: must be a list: write [a, b], or one item a line after a dash"},
		{"text for entry", "key: office", "  - office\n", "12: services[0]: must be a block of keys: key, name, queue, form, licenses, particular_terms, specific_terms, help, seats, vendor, gate, provisioner"},
		{"text for bool", "key: support", "  - key: support\n    reminders: {waiting: {off: 'true'}}\n", "9: queues[0].reminders.waiting.off: must be true or false"},
		{"control character", "", "database: \"a\\nb\"\n", "13: database: must be one line of plain text"},

		{"database address", "", "database: mysql://u:sesame@h/d\n", "13: database: " + badDatabase},
		{"database settings", "", "database: host=h password=sesame\n", "13: database: " + badDatabase},
		{"database port", "", "database: postgres://u:se#same@h/d\n", "13: database: " + badAddress},
		{"database password", "", "database: postgres://u:12/sesame@h/d\n", "13: database: " + badAddress},
		{"database empty", "", "database: ''\n", "13: database: is empty: write a file's path or a postgres:// address"},
		{"listen", "", "listen: 8080\n", "13: listen: must be text: put it between quotes"},
		{"listen without a port", "", "listen: localhost\n", "13: listen: must be host:port, such as 127.0.0.1:8080, or off"},
		{"listen on no port", "", "listen: localhost:99999\n", "13: listen: must be host:port, such as 127.0.0.1:8080, or off"},
		{"language", "", "language: de\n", "13: language: must be en or fr"},
		{"log level", "", "log:\n  level: loud\n", "14: log.level: must be debug, info, warn or error"},
		{"log format", "", "log:\n  format: xml\n", "14: log.format: must be text or json"},
		{"stop_timeout unit", "", "stop_timeout: 10\n", "13: stop_timeout: " + badDuration},
		{"stop_timeout short", "", "stop_timeout: 10ms\n", "13: stop_timeout: is too short: it must be at least 1s"},
		{"stop_timeout long", "", "stop_timeout: 1d\n", "13: stop_timeout: is too long: it must be at most 5m"},

		{"organizations none", "key: acme", "  []\n", "1: organizations: is missing: list at least one organization, with its key"},
		{"organization key missing", "key: acme", "  - key: acme\n  - name: B\n", "3: organizations[1].key: is missing: write a short name, such as acme"},
		{"organization key", "key: acme", "  - key: acme\n  - key: Bad_Key\n", "3: organizations[1].key: " + badKey},
		{"organization key long", "key: acme", "  - key: acme\n  - key: a23456789012345678901234567890123\n", "3: organizations[1].key: " + badKey},
		{"organization twice", "key: acme", "  - key: acme\n  - key: acme\n", "3: organizations[1].key: is the same as organizations[0].key: each needs its own"},
		{"organization language", "key: acme", "  - key: acme\n    language: de\n", "3: organizations[0].language: must be en or fr"},
		{"billing account", "key: acme", "  - key: acme\n    billing_accounts: [' x']\n", "3: organizations[0].billing_accounts[0]: must be up to 60 characters, without a space at either end"},
		{"billing account twice", "key: acme", "  - key: acme\n    billing_accounts: [A1]\n  - key: b\n    billing_accounts: [A1]\n",
			"5: organizations[1].billing_accounts[0]: is the same as organizations[0].billing_accounts[0]: each needs its own"},
		{"billing queue", "", "billing_queue: b\n", "13: billing_queue: names no queue of this file: the keys are support"},
		{"manager", "key: acme", "  - key: acme\n    managers:\n      - U02MARTIN\n", "4: organizations[0].managers[0]: " + badManager},
		{"manager twice", "key: acme", "  - key: acme\n    managers: [acme:U1, acme:U1]\n", "3: organizations[0].managers[1]: is given twice: keep one"},
		{"manager of no workspace", "key: acme", "  - key: acme\n    managers: ['b:U1']\n", "3: organizations[0].managers[0]: names no workspace of this file: the keys are acme"},
		{"manager of another organization", "key: acme", "  - key: acme\n  - key: b\n    managers: ['acme:U1']\n",
			"4: organizations[1].managers[0]: is in a workspace of another organization: name people of this one's workspaces"},

		{"workspace twice", "organization: acme", "    organization: acme\n  - {key: acme, team: T2, organization: acme}\n",
			"7: slack[1].key: is the same as slack[0].key: each needs its own"},
		{"team missing", "team:", "", "4: slack[0].team: is missing: write Slack's id of the workspace, such as T01ACME"},
		{"team", "team:", "    team: acme\n", "5: slack[0].team: is not Slack's id of a workspace: write capitals and digits, such as T01ACME"},
		{"workspace without organization", "organization:", "", "4: slack[0].organization: is missing: write the key of the organization it belongs to"},
		{"workspace of no organization", "organization:", "    organization: b\n", "6: slack[0].organization: names no organization of this file: the keys are acme"},
		{"mode", "team:", "    team: T1\n    mode: rtm\n", "6: slack[0].mode: must be socket or http"},
		{"api_url", "team:", "    team: T1\n    api_url: slack.com\n", "6: slack[0].api_url: " + badURL},
		{"api_url scheme", "team:", "    team: T1\n    api_url: ftp://slack.com\n", "6: slack[0].api_url: " + badURL},

		{"queue key missing", "key: support", "  - language: en\n", "8: queues[0].key: is missing: write a short name, such as support"},
		{"queue twice", "key: office", "  - key: office\nqueues: []\n", "13: queues: is given twice, first at line 7: keep one"},
		{"queue without workspace", "workspace:", "", "8: queues[0].workspace: is missing: write the key of the workspace that holds the channel"},
		{"queue of no workspace", "workspace:", "    workspace: b\n", "9: queues[0].workspace: names no workspace of this file: the keys are acme"},
		{"channel missing", "channel:", "    channel:\n", "10: queues[0].channel: is missing: write the channel's id, such as C0SUPPORT"},
		{"channel #name", "channel:", "    channel: '#support'\n", "10: queues[0].channel: " + badChannel},
		{"channel name", "channel:", "    channel: support\n", "10: queues[0].channel: " + badChannel},
		{"channel twice", "channel:", "    channel: C1\n  - {key: b, workspace: acme, channel: C1}\n", "11: queues[1].channel: is already that of queues[0]: give each queue its own channel"},
		{"queue name's language", "channel:", "    channel: C1\n    name: {de: X}\n", "11: queues[0].name.de: is not a known key: the keys here are en, fr"},
		{"queue name empty", "channel:", "    channel: C1\n    name: {en: ' '}\n", "11: queues[0].name.en: is empty: write some words, or remove the key"},
		{"queue name a list", "channel:", "    channel: C1\n    name: [X]\n", "11: queues[0].name: must be a block of keys: en, fr"},
		{"queue language", "channel:", "    channel: C1\n    language: EN\n", "11: queues[0].language: must be en or fr"},
		{"time zone", "channel:", "    channel: C1\n    time_zone: Paris\n", "11: queues[0].time_zone: is not a time zone: write an IANA name, such as Europe/Paris or UTC"},
		{"time zone of the machine", "channel:", "    channel: C1\n    time_zone: Local\n", "11: queues[0].time_zone: is not a time zone: write an IANA name, such as Europe/Paris or UTC"},
		{"queue for no organization", "channel:", "    channel: C1\n  - {key: b, workspace: acme, channel: C2, organizations: [c]}\n",
			"11: queues[1].organizations[0]: names no organization of this file: the keys are acme"},
		{"queue for nobody", "channel:", "    channel: C1\n  - {key: b, workspace: acme, channel: C2, organizations: ['']}\n",
			"11: queues[1].organizations[0]: names no organization of this file: the keys are acme"},
		{"thread_default", "channel:", "    channel: C1\n    thread_default: note\n", "11: queues[0].thread_default: must be reply or internal"},
		{"largest", "organizations:", "files: {largest: 25}\norganizations:\n", "1: files.largest: must be a size, such as 500kB or 25MB"},
		{"undo", "channel:", "    channel: C1\n    undo: 3m\n", "11: queues[0].undo: is too long: it must be at most 2m"},
		{"close_after", "channel:", "    channel: C1\n    close_after: 5 days\n", "11: queues[0].close_after: " + badDuration},
		{"close_after short", "channel:", "    channel: C1\n    close_after: 59m\n", "11: queues[0].close_after: is too short: it must be at least 1h"},
		{"close_after endless", "channel:", "    channel: C1\n    close_after: 99999999d\n", "11: queues[0].close_after: " + badDuration},
		{"reopen_within", "channel:", "    channel: C1\n    reopen_within: -1h\n", "11: queues[0].reopen_within: is too short: it must be at least 0s"},
		{"days and more", "channel:", "    channel: C1\n    reopen_within: 1d-5h\n", "11: queues[0].reopen_within: " + badDuration},
		{"schedule", "channel:", "    channel: C1\n    reminders:\n      waiting:\n        schedule: '* * *'\n", "13: queues[0].reminders.waiting.schedule: " + badCron},
		{"schedule's time zone", "channel:", "    channel: C1\n    reminders: {waiting: {schedule: 'TZ=UTC 0 9 * * *'}}\n",
			"11: queues[0].reminders.waiting.schedule: must not hold a time zone: set the queue's time_zone"},
		{"schedule's CRON_TZ", "channel:", "    channel: C1\n    reminders: {waiting: {schedule: CRON_TZ=}}\n",
			"11: queues[0].reminders.waiting.schedule: must not hold a time zone: set the queue's time_zone"},
		{"schedule that never comes", "channel:", "    channel: C1\n    reminders: {unassigned: {schedule: '0 0 31 2 *'}}\n",
			"11: queues[0].reminders.unassigned.schedule: never comes due: name a day that its month has, or set off: true"},
		{"reminder at once", "channel:", "    channel: C1\n    reminders: {unassigned: {after: 1s}}\n",
			"11: queues[0].reminders.unassigned.after: is too short: it must be at least 1m"},

		{"hours of no day", "channel:", "    channel: C1\n    hours: ['lundi 09:00-12:00']\n", "11: queues[0].hours[0]: " + badHours},
		{"hours without times", "channel:", "    channel: C1\n    hours: [mon-fri]\n", "11: queues[0].hours[0]: " + badHours},
		{"hours without a dash", "channel:", "    channel: C1\n    hours: ['mon 09:00']\n", "11: queues[0].hours[0]: " + badHours},
		{"hours that are none", "channel:", "    channel: C1\n    hours: ['mon 09:00-24:30']\n", "11: queues[0].hours[0]: has a time that is none: write times from 00:00 to 24:00"},
		{"hours backwards", "channel:", "    channel: C1\n    hours: ['mon 22:00-06:00']\n", "11: queues[0].hours[0]: has a time that ends before it begins: for hours after midnight write them with the next day"},
		{"hours that overlap", "channel:", "    channel: C1\n    hours: ['mon 09:00-12:00 11:00-13:00']\n", "11: queues[0].hours[0]: has times that overlap"},
		{"hours of no time", "channel:", "    channel: C1\n    hours: ['mon 09:00-09:00']\n", "11: queues[0].hours[0]: has a time that is over as it begins: for the whole day write 00:00-24:00"},
		{"hours twice", "channel:", "    channel: C1\n    hours: ['mon 09:00-12:00', 'mon 09:00-12:00']\n", "11: queues[0].hours[1]: is given twice: keep one"},
		{"holidays", "channel:", "    channel: C1\n    holidays: de\n", "11: queues[0].holidays: must be none or fr"},
		{"closed on no day", "channel:", "    channel: C1\n    closed: [2026-02-30]\n", "11: queues[0].closed[0]: must be a day, such as 2026-12-24, or several, such as 2026-08-03..2026-08-21"},
		{"closed backwards", "channel:", "    channel: C1\n    closed: [2026-08-21..2026-08-03]\n", "11: queues[0].closed[0]: ends before it begins"},
		{"target", "channel:", "    channel: C1\n    sla: {urgent: {first_response: soon}}\n", "11: queues[0].sla.urgent.first_response: " + badDuration},
		{"target of no priority", "channel:", "    channel: C1\n    sla: {p1: {}}\n", "11: queues[0].sla.p1: is not a known key: the keys here are urgent, high, normal, low"},
		{"told nobody known", "channel:", "    channel: C1\n    reminders: {breach: {tell: [boss]}}\n", "11: queues[0].reminders.breach.tell[0]: must be agent, queue, on_call or lead"},
		{"at risk from when", "channel:", "    channel: C1\n    reminders: {risk: {at: 100%}}\n", "11: queues[0].reminders.risk.at: must be a share between 1% and 99%, such as 75%"},
		{"warned before reminded", "channel:", "    channel: C1\n    reminders: {waiting: {after: 5d, warn: 2d}}\n", "11: queues[0].reminders.waiting.warn: must be longer than after: the requester is reminded first"},
		{"closed without a warning", "channel:", "    channel: C1\n    reminders: {waiting: {warn: 0s}}\n",
			"11: queues[0].reminders.waiting.close: must be longer than warn, or both 0s: nobody's ticket is closed without a warning"},
		{"a lead from elsewhere", "channel:", "    channel: C1\n    lead: 'other:U1'\n", "11: queues[0].lead: must be somebody of the queue's own workspace, whose channel they are called to: acme"},
		{"nobody on call", "channel:", "    channel: C1\n    assign: on_call\n", "11: queues[0].assign: is on_call, which needs a calendar: set on_call_file"},
		{"open to nobody", "channel:", "    channel: C1\n    open_to: nobody\n", "11: queues[0].open_to: must be everyone or managers"},
		{"a default queue for managers", "channel:", "    channel: C1\n    open_to: managers\n", "11: queues[0].open_to: must be everyone: this is the default queue, which takes every ticket that no other does; or name another one in default_queue"},
		{"a macro that says nothing", "", "macros: [{key: vpn}]\n", "13: macros[0].text: is missing: write what is said"},
		{"a macro for no queue", "", "macros: [{key: vpn, text: x, queues: [b]}]\n", "13: macros[0].queues[0]: names no queue of this file: the keys are support"},
		{"a placeholder that is none", "", "macros: [{key: vpn, text: {en: 'Hello {{name}}'}}]\n",
			"13: macros[0].text.en: has an unknown placeholder: there are {{requester}}, {{agent}}, {{ticket}}, {{subject}}, {{service}}, {{queue}}, {{organization}}"},
		{"too many macros", "", manyMacros(), "13: macros: are 101: a form shows 100 at most"},
		{"a macro that does something else", "", "macros: [{key: vpn, text: x, then: close}]\n", "13: macros[0].then: must be resolve or wait"},
		{"two macros of one name", "", "macros: [{key: vpn, text: x}, {key: vpn, text: y}]\n", "13: macros[1].key: is the same as macros[0].key: each needs its own"},
		{"priority", "", "priorities: {all: {high: p1}}\n", "13: priorities.all.high: must be low, normal, high or urgent"},

		{"default_queue", "", "default_queue: b\n", "13: default_queue: names no queue of this file: the keys are support"},
		{"default queue for some", "channel:", "    channel: C1\n    organizations: [acme]\n", "11: queues[0].organizations: " + notServed},
		{"service key", "key: office", "  - key: list\n", "12: services[0].key: " + reservedKey},
		{"service key why", "key: office", "  - key: why\n", "12: services[0].key: " + reservedKey},
		{"service key digits", "key: office", "  - key: '1042'\n", "12: services[0].key: " + badKey},
		{"service twice", "key: office", "  - key: office\n  - key: office\n", "13: services[1].key: is the same as services[0].key: each needs its own"},
		{"service queue", "key: office", "  - key: office\n    queue: b\n", "13: services[0].queue: names no queue of this file: the keys are support"},
		{"sales queue", "", "sales_queue: sales\n", "13: sales_queue: names no queue of this file: the keys are support"},
		{"license key", "key: office", "  - {key: office, licenses: [{name: Basic}]}\n", "12: services[0].licenses[0].key: is missing: write a short name, such as office-basic"},
		{"license twice", "key: office", "  - {key: office, licenses: [{key: basic}]}\n  - {key: storage, licenses: [{key: basic}]}\n",
			"13: services[1].licenses[0].key: is the same as services[0].licenses[0].key: each needs its own"},
		{"license name", "key: office", "  - {key: office, licenses: [{key: basic, name: " + strings.Repeat("x", 76) + "}]}\n",
			"12: services[0].licenses[0].name: is 76 characters long: write 75 at most"},
		{"too many licenses", "key: office", manyLicenses(), "11: services: have 101 licenses in all: a form shows 100 at most"},
		{"service form", "key: office", "  - key: office\n    form: b\n", "13: services[0].form: must be standard or emm"},

		{"too many services", "key: office", manyServices(), "11: services: are 101: a form shows 100 at most"},
		{"service name long", "key: office", "  - key: office\n    name: {fr: " + strings.Repeat("é", 76) + "}\n", "13: services[0].name: is 76 characters long: write 75 at most"},
		{"queue name long", "channel:", "    channel: C1\n    name: " + strings.Repeat("é", 76) + "\n", "11: queues[0].name: is 76 characters long: write 75 at most"},
		{"organization name long", "key: acme", "  - key: acme\n    name: " + strings.Repeat("é", 76) + "\n", "3: organizations[0].name: is 76 characters long: write 75 at most"},

		{"syntax", "", "language: en: fr\n", "13: is not YAML: mapping values are not allowed in this context: check the indentation, quotes and colons here"},
		{"open quote", "", "language: 'sesame\nlisten: off\n", "15: is not YAML: found unexpected end of stream (in what begins at line 13): check the indentation, quotes and colons here"},
		{"unknown alias", "", "language: *sesame\n", "13: is not YAML: unknown anchor '...' referenced: check the indentation, quotes and colons here"},
		{"second document", "", "---\nlanguage: fr\n", "13: begins a second document (---): keep everything in one"},
		{"not text", "", "# caf\xe9\n", "13: holds a character that is not text: save the file as plain UTF-8"},
		{"binary", "", "\x00", "13: holds a character that is not text: save the file as plain UTF-8"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := loadText(t, edit(t, test.old, test.text), tokens...)
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff("guichet.yaml:"+test.want, err.Error()); diff != "" {
				t.Error(diff)
			}
			if strings.Contains(err.Error(), "sesame") {
				t.Error("a secret shows")
			}
		})
	}
}

func TestEnvironmentProblems(t *testing.T) {
	known := "GUICHET_DATABASE, GUICHET_FILES, GUICHET_LANGUAGE, GUICHET_LINK, GUICHET_LISTEN, GUICHET_LOG_FORMAT, GUICHET_LOG_LEVEL, GUICHET_MAIL_LISTEN, " +
		"GUICHET_SLACK_ACME_APP_TOKEN, GUICHET_SLACK_ACME_APP_TOKEN_FILE, GUICHET_SLACK_ACME_BOT_TOKEN, " +
		"GUICHET_SLACK_ACME_BOT_TOKEN_FILE, GUICHET_SLACK_ACME_SIGNING_SECRET, GUICHET_SLACK_ACME_SIGNING_SECRET_FILE, GUICHET_STOP_TIMEOUT"
	const copyAgain = ", and nothing else: copy it again from the app's page on api.slack.com"
	for _, test := range []struct{ name, variable, want string }{
		{"language", "GUICHET_LANGUAGE=de", "GUICHET_LANGUAGE: must be en or fr"},
		{"empty", "GUICHET_LOG_FORMAT=", "GUICHET_LOG_FORMAT: must be text or json"},
		{"database", "GUICHET_DATABASE= postgres://u:sesame@h/d", "GUICHET_DATABASE: " + badDatabase},
		{"duration", "GUICHET_STOP_TIMEOUT=6m", "GUICHET_STOP_TIMEOUT: is too long: it must be at most 5m"},
		{"typo", "GUICHET_LANGAUGE=fr", "GUICHET_LANGAUGE: is not a variable that is read: correct or unset it; those read are " + known},
		{"other workspace", "GUICHET_SLACK_B_BOT_TOKEN=xoxb-sesame", "GUICHET_SLACK_B_BOT_TOKEN: is not a variable that is read: correct or unset it; those read are " + known},
		{"bot token", "GUICHET_SLACK_ACME_BOT_TOKEN=xapp-sesame", "GUICHET_SLACK_ACME_BOT_TOKEN: must hold the token that starts with xoxb-" + copyAgain},
		{"app token", "GUICHET_SLACK_ACME_APP_TOKEN=xoxb-sesame", "GUICHET_SLACK_ACME_APP_TOKEN: must hold the token that starts with xapp-" + copyAgain},
		{"token in two", "GUICHET_SLACK_ACME_APP_TOKEN=xapp-sesame sesame", "GUICHET_SLACK_ACME_APP_TOKEN: must hold the token that starts with xapp-" + copyAgain},
		{"token empty", "GUICHET_SLACK_ACME_APP_TOKEN=", "GUICHET_SLACK_ACME_APP_TOKEN: must hold the token that starts with xapp-" + copyAgain},
		{"token and file", "GUICHET_SLACK_ACME_APP_TOKEN_FILE=/sesame", "GUICHET_SLACK_ACME_APP_TOKEN: is set, and GUICHET_SLACK_ACME_APP_TOKEN_FILE too: set only one of them"},
	} {
		t.Run(test.name, func(t *testing.T) {
			name, _, _ := strings.Cut(test.variable, "=")
			environ := slices.DeleteFunc(slices.Clone(tokens), func(pair string) bool { return strings.HasPrefix(pair, name+"=") })
			_, err := loadText(t, small, append(environ, test.variable)...)
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTokenFileProblems(t *testing.T) {
	dir := t.TempDir()
	wrong, large := filepath.Join(dir, "wrong"), filepath.Join(dir, "large")
	for path, text := range map[string]string{wrong: "sesame", large: "xapp-" + strings.Repeat("x", 5000)} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text := edit(t, "team:", "    team: T1\n    bot_token_file: xoxb-sesame\n    app_token_file: "+wrong+"\n")
	_, err := loadText(t, text)
	want := "guichet.yaml:6: slack[0].bot_token_file: names a file that cannot be read (no such file or directory): check that the file exists and may be read by this user\n" +
		"guichet.yaml:7: slack[0].app_token_file: must hold the token that starts with xapp-, and nothing else: copy it again from the app's page on api.slack.com"
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Error(diff)
	}
	_, err = loadText(t, small, tokens[0], "GUICHET_SLACK_ACME_APP_TOKEN_FILE="+large)
	want = "GUICHET_SLACK_ACME_APP_TOKEN_FILE: names a file that is larger than 4096 bytes: name the right file"
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Error(diff)
	}
}

func TestFileProblems(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large.yaml")
	if err := os.WriteFile(large, []byte(small+strings.Repeat("#\n", maxFile/2)), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none.yaml"): "cannot be read (no such file or directory): check that the file exists and may be read by this user",
		dir:                             "cannot be read (is a directory): check that the file exists and may be read by this user",
		large:                           "is larger than 1048576 bytes: name the right file",
	} {
		_, err := Load(path, tokens)
		if want := path + ": " + want + "; guichet.example.yaml is one to start from"; err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestEverythingAtOnce(t *testing.T) {
	_, err := loadText(t, `language: de
organizations:
  - key: acme
slack:
  - key: acme
    team: t1
queues:
  - key: support
    workspace: b
    channel: "#support"
    close_after: soon
colour: red
`, "GUICHET_LOG_LEVEL=loud", "GUICHET_SLACK_ACME_BOT_TOKEN=sesame", "GUICHET_TYPO=sesame")
	want := []string{
		"guichet.yaml:1: language: must be en or fr",
		"guichet.yaml:1: services: is missing: list at least one service, with its key",
		"guichet.yaml:5: slack[0].organization: is missing: write the key of the organization it belongs to",
		"guichet.yaml:5: slack[0].app_token_file: is missing: set GUICHET_SLACK_ACME_APP_TOKEN to the token that starts with xapp-, or name here a file that holds it",
		"guichet.yaml:6: slack[0].team: is not Slack's id of a workspace: write capitals and digits, such as T01ACME",
		"guichet.yaml:9: queues[0].workspace: names no workspace of this file: the keys are acme",
		"guichet.yaml:10: queues[0].channel: " + badChannel,
		"guichet.yaml:11: queues[0].close_after: " + badDuration,
		"guichet.yaml:12: colour: is not a known key: the keys here are " + topKeys,
		"GUICHET_LOG_LEVEL: must be debug, info, warn or error",
		"GUICHET_SLACK_ACME_BOT_TOKEN: must hold the token that starts with xoxb-, and nothing else: copy it again from the app's page on api.slack.com",
	}
	got := strings.Split(err.Error(), "\n")
	if last := got[len(got)-1]; !strings.HasPrefix(last, "GUICHET_TYPO: is not a variable") {
		t.Errorf("last problem %q", last)
	}
	if diff := cmp.Diff(want, got[:len(got)-1]); diff != "" {
		t.Error(diff)
	}
}

func TestEmptyFile(t *testing.T) {
	want := strings.Join([]string{
		"guichet.yaml:1: organizations: is missing: list at least one organization, with its key",
		"guichet.yaml:1: queues: is missing: list at least one queue, with its key, workspace and channel",
		"guichet.yaml:1: services: is missing: list at least one service, with its key",
		"guichet.yaml:1: slack: is missing, and mattermost too: list at least one Slack workspace or Mattermost team, with its key, team and organization",
	}, "\n")
	for _, text := range []string{"", "# nothing\n", "---\n", "~\n", "{}\n"} {
		if _, err := loadText(t, text); err == nil || err.Error() != want {
			t.Errorf("%q: got\n%v\nwant\n%s", text, err, want)
		}
	}
}

func FuzzLoad(f *testing.F) {
	example, err := os.ReadFile(examplePath)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		string(example), small, "", "- a\n", "a: &a [*a]\n", "<<: *x\n", "log: &l {level: info}\nlisten: *l\n",
		"slack: [{key: a, team: T}, ~, 3, [x]]\n", "a: 1\n---\nb: 2\n", "? {a: b}\n: c\n", "\xef\xbb\xbflanguage: fr\n",
		"queues: [{key: a, reminders: {waiting: {schedule: '@every 1h', after: 9d}}}]\n", "%YAML 1.1\n--- !!map {}\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := load("guichet.yaml", []byte(text), tokens, true)
		if err == nil {
			if c == nil || len(c.Queues) == 0 || len(c.Services) == 0 || c.Slack[0].BotToken == "" {
				t.Fatalf("not a whole Config: %+v", c)
			}
			return
		}
		problems, ok := err.(Problems)
		if !ok || len(problems) == 0 || c != nil {
			t.Fatalf("Load = %v, %#v", c, err)
		}
		if lines := strings.Count(err.Error(), "\n") + 1; lines != len(problems) {
			t.Fatalf("%d problems in %d lines:\n%v", len(problems), lines, err)
		}
		if !strings.Contains(text, "sesame") && strings.Contains(err.Error(), "sesame") {
			t.Fatalf("a secret shows: %v", err)
		}
		lines := 2 + len(regexp.MustCompile("[\n\r\u2028\u2029]").FindAllString(text, -1)) // YAML's own line breaks
		for _, p := range problems {
			if p.Text == "" || p.Line > lines {
				t.Fatalf("%+v", p)
			}
		}
	})
}
