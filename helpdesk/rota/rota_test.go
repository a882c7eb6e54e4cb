package rota_test

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"

	"guichet/helpdesk/rota"
)

const calendar = `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//guichet//test//EN
BEGIN:VEVENT
UID:weeks
DTSTAMP:20261101T000000Z
DTSTART;TZID=Europe/Paris:20261102T090000
DTEND;TZID=Europe/Paris:20261109T090000
RRULE:FREQ=WEEKLY;INTERVAL=2
SUMMARY:Nadia Benali
END:VEVENT
BEGIN:VEVENT
UID:other-weeks
DTSTAMP:20261101T000000Z
DTSTART;TZID=Europe/Paris:20261109T090000
DTEND;TZID=Europe/Paris:20261116T090000
RRULE:FREQ=WEEKLY;INTERVAL=2
EXDATE;TZID=Europe/Paris:20261207T090000
SUMMARY:Oliver Smith\, Nina Keller
END:VEVENT
BEGIN:VEVENT
UID:other-weeks
RECURRENCE-ID;TZID=Europe/Paris:20261123T090000
DTSTAMP:20261101T000000Z
DTSTART;TZID=Europe/Paris:20261124T090000
DTEND;TZID=Europe/Paris:20261130T090000
SUMMARY:Eve
END:VEVENT
BEGIN:VEVENT
UID:holiday
DTSTAMP:20261101T000000Z
DTSTART;VALUE=DATE:20261225
DTEND;VALUE=DATE:20261226
SUMMARY:Christmas
ATTENDEE;CN=Ada:MAILTO:Ada@Acme.example
END:VEVENT
BEGIN:VEVENT
UID:gone
DTSTAMP:20261101T000000Z
DTSTART:20261103T090000Z
DTEND:20261103T100000Z
STATUS:CANCELLED
SUMMARY:Nobody
END:VEVENT
END:VCALENDAR
`

func TestWhoIsOnCall(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	r, err := rota.Read(strings.NewReader(strings.ReplaceAll(calendar, "\n", "\r\n")), paris)
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string][]string{
		"2026-11-02 08:59": nil,
		"2026-11-02 09:00": {"Nadia Benali"},
		"2026-11-03 09:30": {"Nadia Benali"},
		"2026-11-09 08:59": {"Nadia Benali"},
		"2026-11-09 09:00": {"Oliver Smith", "Nina Keller"},
		"2026-11-16 09:00": {"Nadia Benali"},
		"2026-11-23 12:00": nil, // the turn was moved by a day
		"2026-11-24 12:00": {"Eve"},
		"2026-12-07 12:00": nil, // taken out
		"2026-12-24 12:00": {"Oliver Smith", "Nina Keller"},
		"2026-12-25 12:00": {"Christmas", "ada@acme.example", "Oliver Smith", "Nina Keller"},
		"2027-03-29 08:59": {"Nadia Benali"}, // by the clock on the wall, also in summer
		"2027-03-29 09:00": {"Oliver Smith", "Nina Keller"},
	} {
		now, err := time.ParseInLocation("2006-01-02 15:04", at, paris)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, r.At(now)); diff != "" {
			t.Errorf("%s: %s", at, diff)
		}
	}
	if (*rota.Rota)(nil).At(time.Now()) != nil {
		t.Error("no rota names somebody")
	}
}

func TestARotaThatCantBeRead(t *testing.T) {
	event := func(lines string) string {
		return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261101T000000Z\r\n" + lines + "END:VEVENT\r\nEND:VCALENDAR\r\n"
	}
	for name, text := range map[string]string{
		"empty":           "",
		"no calendar":     "Nadia: Monday\n",
		"cut off":         "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
		"nobody":          event("DTSTART:20261103T090000Z\r\nDTEND:20261103T100000Z\r\n"),
		"no beginning":    event("SUMMARY:Ada\r\n"),
		"ends before":     event("DTSTART:20261103T090000Z\r\nDTEND:20261103T080000Z\r\nSUMMARY:Ada\r\n"),
		"lasts for ever":  event("DTSTART:20261103T090000Z\r\nDTEND:20301103T080000Z\r\nSUMMARY:Ada\r\n"),
		"unknown zone":    event("DTSTART;TZID=Mars:20261103T090000\r\nDTEND;TZID=Mars:20261103T100000\r\nSUMMARY:Ada\r\n"),
		"every second":    event("DTSTART:20261103T090000Z\r\nDTEND:20261103T100000Z\r\nRRULE:FREQ=SECONDLY\r\nSUMMARY:Ada\r\n"),
		"no such repeats": event("DTSTART:20261103T090000Z\r\nDTEND:20261103T100000Z\r\nRRULE:FREQ=SOMETIMES\r\nSUMMARY:Ada\r\n"),
	} {
		if _, err := rota.Read(strings.NewReader(text), time.UTC); err == nil {
			t.Errorf("%s: it was read", name)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(calendar)
	f.Add(strings.ReplaceAll(calendar, "\n", "\r\n"))
	f.Fuzz(func(t *testing.T, text string) {
		if r, err := rota.Read(strings.NewReader(text), time.UTC); err == nil {
			r.At(time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC))
		}
	})
}
