package main_test

import (
	"os"
	"strings"
	"testing"
)

func TestRouteTellsWhy(t *testing.T) {
	t.Parallel()
	s := newSite(t, "guichet.db", "http://127.0.0.1:1/api")
	s.change("services:\n  - {key: office}", `  - {key: emm, workspace: acme, channel: G03EMM, time_zone: Europe/Paris}
  - {key: sales, workspace: acme, channel: G03SALES, mail: sales@acme.example, open_to: managers}
  - {key: orders, workspace: acme, channel: G03ORDERS, mail: orders@acme.example}
mail: {from: desk@acme.example, smtp: {address: "mail.acme.example:25"}}
routes:
  - {name: phones, words: [intune, "mobile device"], queue: emm}
  - {service: [office], kind: [information], during: ["thu 18:00-06:00"], queue: emm}
  - {name: offers, words: [offer], queue: sales}
services:
  - {key: office}
  - {key: quote, queue: sales}
  - {key: phones, form: emm, queue: emm}`)
	s.environ = []string{} // neither a token nor a database
	s.ends(0, "support\n", "", "route", "--service", "office")
	s.ends(0, "support\n", "", "route", "--service", "office", "--text", "an offer")
	s.ends(0, "sales\n", "", "route", "--service", "office", "--text", "an offer", "--manager")
	s.ends(0, "emm\n", "", "route", "--service", "office", "--text", "Intune is down")
	s.ends(0, "orders\n", "", "route", "--mail", "Orders@acme.example", "--text", "hello")
	s.ends(0, "emm\n", "", "route", "--mail", "orders@acme.example", "--text", "my mobile device")
	s.ends(0, "support\n", "", "route", "--mail", "desk@acme.example", "--text", "hello")
	const refusal = `Nothing is opened: only managers may open tickets in the queue sales\.\n`
	s.ends(0, refusal, "", "route", "--service", "quote")
	s.ends(0, refusal, "", "route", "--mail", "sales@acme.example", "--text", "intune")
	s.ends(0, `RULE +FITS +QUEUE +WHY\nservice +no +sales +the service "quote" belongs there, but the queue is open to managers only\n`+refusal, "", "route", "--explain", "--service", "quote")
	night := []string{"route", "--explain", "--service", "office", "--kind", "information", "--text", "an offer", "--at"}
	s.ends(0, `RULE +FITS +QUEUE +WHY
phones +no +emm +none of its words is there
route 2 +no +emm +it is not the time: Thursday 17:30 CET
offers +no +sales +it says "offer", but the queue is open to managers only
service +yes +support +the service "office" belongs there
It goes to the queue support\.
`, "", append(night, "2026-12-24T16:30:00Z")...)
	s.ends(0, `(?s).*route 2 +yes +emm +the service is "office", the kind is "information", it is the time: Friday 05:59 CET
It goes to the queue emm\.
`, "", append(night, "2026-12-25T04:59:00Z")...)
	s.ends(0, `RULE.*\nEMM +yes +emm +EMM always goes there\nIt goes to the queue emm\.\n`, "", "route", "--explain", "--service", "phones", "--text", "intune")
	s.ends(0, `(?s).*route 2 +no +emm +no service is stated\n.*default +yes +support +nothing else fits\n.*`, "", "route", "--explain")
	s.ends(0, `(?s).*address +yes +orders +it was mailed to that queue\n.*`, "", "route", "--explain", "--mail", "orders@acme.example")
	for _, wrong := range [][3]string{
		{"--service", "ofice", `there is no "ofice": did you mean "office"\?`},
		{"--service", "windows", `there is no "windows": there is office, quote, phones`},
		{"--kind", "incidents", `there is no "incidents": did you mean "incident"\?`},
		{"--organization", "acne", `there is no "acne": did you mean "acme"\?`},
		{"--mail", "oders@acme.example", `there is no "oders@acme.example": did you mean "orders@acme.example"\?`},
		{"--at", "noon", `"noon" is neither a day.*`},
	} {
		s.ends(2, "", `guichet: `+wrong[0]+`: `+wrong[2]+`\n`, "route", wrong[0], wrong[1])
	}
	s.ends(2, "", `guichet: unexpected argument office\n.*\n`, "route", "office")
	if left, err := os.ReadDir(s.dir); err != nil || len(left) != 1 {
		t.Errorf("it left something: %v, %v", left, err)
	}
	s.change("words: [offer]", "words: [o]")
	s.ends(2, "", `guichet: .*routes\[2\]\.words\[0\]: must be a word of two letters at least, or several\n`, "route")
	if _, stdout, _ := s.run("route", "--help"); !strings.Contains(stdout, "--explain") {
		t.Error("no help")
	}
}
