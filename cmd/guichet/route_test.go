package main_test

import (
	"strings"
	"testing"
)

func TestRouteTellsWhy(t *testing.T) {
	t.Parallel()
	s := newSite(t, "guichet.db", "http://127.0.0.1:1/api")
	s.change("services:\n  - {key: office}", `  - {key: emm, workspace: acme, channel: G03EMM, time_zone: Europe/Paris}
routes:
  - {name: phones, words: [intune, "mobile device"], queue: emm}
  - {service: [office], kind: [information], during: ["mon-fri 18:00-24:00"], queue: emm}
services:
  - {key: office}
  - {key: phones, form: emm, queue: emm}`)
	s.ends(0, "support\n", "", "route", "--service", "office")
	s.ends(0, "emm\n", "", "route", "--service", "office", "--text", "Intune is down")
	code, stdout, _ := s.run("route", "--explain", "--service", "office", "--kind", "information", "--text", "Outlook", "--at", "2026-12-24T16:30")
	for _, want := range []string{"phones   no   emm      none of its words is there\n", "route 2  ", `service  yes  support  the service "office" belongs there`, "It goes to the queue support.\n"} {
		if code != 0 || !strings.Contains(stdout, want) {
			t.Errorf("no %q (%d) in\n%s", want, code, stdout)
		}
	}
	s.ends(0, `EMM +yes +emm +EMM always goes there\nIt goes to the queue emm.\n`, "", "route", "--explain", "--service", "phones", "--text", "intune")
	for flag, wrong := range map[string]string{"--service": "ofice", "--kind": "wish", "--organization": "nobody", "--mail": "x@acme.example", "--at": "noon"} {
		s.ends(2, "", `guichet: `+flag+`: .*\n`, "route", flag, wrong)
	}
}
