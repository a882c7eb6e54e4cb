package bot

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// testCatalog offers one service of each form, and two queues.
func testCatalog() *helpdesk.Catalog {
	queue := func(key string) helpdesk.Queue {
		return helpdesk.Queue{Key: key, Name: func(string) string { return key }, Place: store.Place{Workspace: "w", Channel: "C-" + key},
			Language: "en", TimeZone: time.UTC, ReopenWithin: time.Hour}
	}
	named := func(s string) func(string) string { return func(string) string { return s } }
	return &helpdesk.Catalog{
		Organizations: []helpdesk.Organization{{Key: "acme", Name: "Acme", Language: "en", Workspaces: []string{"w"}}},
		Services: []helpdesk.Service{{Key: "office", Name: named("Office"), Queue: "support", Form: helpdesk.StandardForm},
			{Key: "emm", Name: named("EMM"), Queue: "support", Form: helpdesk.EMMForm}},
		Queues:       []helpdesk.Queue{queue("support"), queue("other")},
		DefaultQueue: "support",
	}
}

// formTable says what the form for a new ticket asks: by what is known when a step begins. A field
// in brackets may stay empty; "!" is the button that sends the form rather than one step of it.
const formTable = `
	step      kind         service  asks                                              then
	what      -            -        kind service                                      describe
	what      -            office   kind service                                      describe
	what      -            emm      kind service                                      describe
	what      incident     -        kind service                                      describe
	what      incident     office   kind service                                      describe
	what      incident     emm      kind service                                      describe
	what      information  -        kind service                                      describe
	what      information  office   kind service                                      describe
	what      information  emm      kind service                                      describe
	describe  -            -        kind subject description (impact) (urgency) !     -
	describe  -            office   kind subject description (impact) (urgency) !     -
	describe  -            emm      kind subject description (impact) (urgency)       emm
	describe  incident     -        subject description impact urgency (files) !         -
	describe  incident     office   subject description impact urgency (files) !         -
	describe  incident     emm      subject description impact urgency                emm
	describe  information  -        subject description (files) !                      -
	describe  information  office   subject description (files) !                      -
	describe  information  emm      subject description                               emm
	emm       -            -        platform device instance (files) !                        -
	emm       -            office   platform device instance (files) !                        -
	emm       -            emm      platform device instance (files) !                        -
	emm       incident     -        platform device instance (files) !                        -
	emm       incident     office   platform device instance (files) !                        -
	emm       incident     emm      platform device instance (files) !                        -
	emm       information  -        platform device instance (files) !                        -
	emm       information  office   platform device instance (files) !                        -
	emm       information  emm      platform device instance (files) !                        -
`

// asks is a form in the words of the table.
func asks(w text.Words, f card.Form) string {
	var fields []string
	for _, i := range f.Inputs {
		if i.Optional {
			i.ID = "(" + i.ID + ")"
		}
		fields = append(fields, i.ID)
	}
	if f.Submit == w.Say("form.send") {
		fields = append(fields, "!")
	}
	return strings.Join(fields, " ")
}

func TestEveryStepOfTheForm(t *testing.T) {
	c := testCatalog()
	lines := strings.Split(strings.TrimSpace(formTable), "\n")[1:]
	seen := map[string]bool{}
	for _, line := range lines {
		cells := strings.Fields(line)
		step, kind, service, then := cells[0], cells[1], cells[2], cells[len(cells)-1]
		name := fmt.Sprintf("%s, kind %s, service %s", step, kind, service)
		seen[name] = true
		values := map[string]string{"kind": strings.Trim(kind, "-"), "service": strings.Trim(service, "-")}
		for _, language := range text.Languages {
			w := text.In(language)
			f := newForm(w, c, step, values)
			if got, want := asks(w, f), strings.Join(cells[3:len(cells)-1], " "); got != want {
				t.Errorf("%s asks %q, want %q", name, got, want)
			}
			if f.Step != step || f.ID != "ticket.new" || len(f.Intro) > 0 != (service != "-") {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if got := nextStep(c, step, values); got != strings.Trim(then, "-") {
			t.Errorf("%s: then %q, want %q", name, got, then)
		}
	}
	if len(seen) != 3*(len(helpdesk.Kinds)+1)*(len(c.Services)+1) {
		t.Errorf("the table has %d lines", len(seen))
	}
}

func TestTheFirstStep(t *testing.T) {
	for service, want := range map[string]string{"": stepWhat, "office": stepDescribe, "emm": stepDescribe} {
		if got := firstStep(map[string]string{"service": service, "description": "kept"}); got != want {
			t.Errorf("with service %q it is %q, want %q", service, got, want)
		}
	}
}

// From wherever the form begins, its steps ask for all that a ticket of that kind needs, for no
// field twice, and for nothing else but what may stay empty.
func TestTheStepsAskForWhatATicketNeeds(t *testing.T) {
	c := testCatalog()
	for _, kind := range helpdesk.Kinds {
		for _, s := range c.Services {
			for _, begun := range []map[string]string{{}, {"service": s.Key}, {"description": "kept"}} {
				values := begun
				chosen := map[string]string{"kind": kind, "service": s.Key, "subject": "s", "description": "d", "impact": "one",
					"urgency": "low", "platform": "ios", "device": "d", "instance": "i"}
				var asked []string
				for step := firstStep(values); step != ""; step = nextStep(c, step, values) {
					for _, i := range newForm(text.In("en"), c, step, values).Inputs {
						if asked = append(asked, i.ID); !i.Optional || kind == helpdesk.Incident {
							values[i.ID] = chosen[i.ID]
						}
					}
				}
				name := fmt.Sprintf("%s, %s, beginning with %v", kind, s.Key, begun)
				if wrong := helpdesk.Check(c, requestOf(values)); len(wrong) > 0 {
					t.Errorf("%s: %v", name, wrong)
				}
				slices.Sort(asked)
				if twice := len(asked) - len(slices.Compact(asked)); twice > 0 {
					t.Errorf("%s: asked twice in %v", name, asked)
				}
			}
		}
	}
}

func TestWhatWasKeptIsFilledIn(t *testing.T) {
	f := newForm(text.In("en"), testCatalog(), stepDescribe, map[string]string{"kind": "incident", "description": "It beeps."})
	filled := map[string]string{}
	for _, i := range f.Inputs {
		if i.Initial != "" {
			filled[i.ID] = i.Initial
		}
	}
	if diff := cmp.Diff(map[string]string{"description": "It beeps."}, filled); diff != "" {
		t.Errorf("filled in (-want +got):\n%s", diff)
	}
}

func TestTheFormForAMessage(t *testing.T) {
	w := text.In("en")
	for _, c := range []struct {
		act          helpdesk.Act
		side, form   string
		writer       store.PersonID
		namesSomeone bool // for whom it is
	}{
		{helpdesk.Reply, store.DeskSide, "ticket.reply", 2, true},
		{helpdesk.Reply, store.RequesterSide, "ticket.reply", 1, false},
		{helpdesk.Reply, store.RequesterSide, "ticket.reply", 3, true}, // a manager for the requester, who reads it
		{helpdesk.Note, store.DeskSide, "ticket.note", 2, false},       // whoever writes one is not led to think of them
	} {
		f := messageForm(w, c.act, "#1042", c.side, store.Person{ID: 1, Name: "Ann Onymous"}, c.writer)
		if f.ID != c.form || asks(w, f) != "body !" || !strings.Contains(f.Title, "1042") ||
			strings.Contains(f.Inputs[0].Hint, "Ann Onymous") != c.namesSomeone {
			t.Errorf("%s from the %s's side: %+v", c.act, c.side, f)
		}
	}
}

// What a field is too long for is told with the same length as the form allows.
func TestLengthsOfFields(t *testing.T) {
	c, w := testCatalog(), text.In("en")
	forms := []card.Form{messageForm(w, helpdesk.Reply, "#1", store.DeskSide, store.Person{}, 0)}
	for _, step := range []string{stepWhat, stepDescribe, stepEMM} {
		forms = append(forms, newForm(w, c, step, map[string]string{"service": "emm"}))
	}
	for _, f := range forms {
		for _, i := range f.Inputs {
			if i.Type == card.Files {
				continue // so many files, not characters
			}
			if written := i.Type == card.Text || i.Type == card.Area; longestOf(i.ID) != i.Longest || written != (i.Longest > 0) {
				t.Errorf("%s takes %d characters, not %d", i.ID, i.Longest, longestOf(i.ID))
			}
		}
	}
}
