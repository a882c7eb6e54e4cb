package helpdesk_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guichet/helpdesk"
	"guichet/store"
)

// annsAccount is where Ann is met.
var annsAccount = store.Account{Workspace: "slack:T1", ID: "ann"}

func TestCheckOfDetails(t *testing.T) {
	for _, c := range []struct {
		name string
		d    helpdesk.Details
		want map[string]string
	}{
		{"all fine", helpdesk.Details{Name: "Ann", Phone: "+33 (0)1 02-03.04/05", Language: "fr"}, map[string]string{}},
		{"no phone", helpdesk.Details{Name: "Ann", Language: "en"}, map[string]string{}},
		{"nothing", helpdesk.Details{}, map[string]string{"name": helpdesk.FieldMissing, "language": helpdesk.FieldUnknown}},
		{"blanks", helpdesk.Details{Name: " \t", Phone: " ", Language: "en"}, map[string]string{"name": helpdesk.FieldMissing, "phone": helpdesk.FieldInvalid}},
		{"long", helpdesk.Details{Name: strings.Repeat("é", helpdesk.MaxName+1), Phone: strings.Repeat("1", helpdesk.MaxPhone+1), Language: "en"},
			map[string]string{"name": helpdesk.FieldTooLong, "phone": helpdesk.FieldTooLong}},
		{"longest", helpdesk.Details{Name: strings.Repeat("é", helpdesk.MaxName), Phone: strings.Repeat("1", helpdesk.MaxPhone), Language: "en"}, map[string]string{}},
		{"words for a phone", helpdesk.Details{Name: "Ann", Phone: "call me", Language: "en"}, map[string]string{"phone": helpdesk.FieldInvalid}},
		{"signs for a phone", helpdesk.Details{Name: "Ann", Phone: "+()-", Language: "en"}, map[string]string{"phone": helpdesk.FieldInvalid}},
		{"another language", helpdesk.Details{Name: "Ann", Language: "de"}, map[string]string{"language": helpdesk.FieldUnknown}},
	} {
		if diff := cmp.Diff(c.want, c.d.Check([]string{"en", "fr"})); diff != "" {
			t.Errorf("%s: -want +got:\n%s", c.name, diff)
		}
	}
}

// Every change of a person's details is an event, and nothing else is; what the form did not change stays as
// somebody has set it meanwhile.
func TestDetailsAndTheirHistory(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		set := func(before, to helpdesk.Details) []string {
			t.Helper()
			changed, err := h.SetDetails(t.Context(), h.ann, annsAccount, before, to)
			if err != nil {
				t.Fatal(err)
			}
			return changed.Fields
		}
		first, err := h.DetailsOf(t.Context(), h.ann)
		if err != nil {
			t.Fatal(err)
		}
		to := helpdesk.Details{Name: "  Ann   Miller ", Phone: " 0102 ", Language: first.Language}
		if got := set(first, to); !cmp.Equal(got, []string{"name", "phone"}) {
			t.Errorf("changed %v", got)
		}
		if got := set(first, to); len(got) != 0 {
			t.Errorf("sent twice, it changes %v", got)
		}
		if _, err := h.SetLanguage(t.Context(), h.ann, annsAccount, "en"); err != nil {
			t.Fatal(err)
		}
		now := helpdesk.Details{Name: "Ann Miller", Phone: "0102", Language: first.Language} // as an older form shows it
		if got := set(now, helpdesk.Details{Name: "Ann Miller", Language: first.Language}); !cmp.Equal(got, []string{"phone"}) {
			t.Errorf("changed %v", got)
		}
		got, err := h.DetailsOf(t.Context(), h.ann)
		if want := (helpdesk.Details{Name: "Ann Miller", Language: "en", ByMail: store.MailAway}); err != nil || got != want {
			t.Errorf("details %+v, want %+v: %v", got, want, err)
		}
		var es []store.PersonEvent
		h.check(h.db.Read(t.Context(), func(tx *store.Tx) (err error) {
			es, err = tx.PersonEvents(t.Context(), h.ann.Person, 10)
			return err
		}))
		var said []string
		for _, e := range es {
			if e.Actor != h.ann.Person || e.Source != h.ann.Source || e.At.IsZero() {
				t.Errorf("the event %+v", e)
			}
			said = append(said, e.Field+": "+e.Was+" -> "+e.Became)
		}
		want := []string{"name: " + first.Name + " -> Ann Miller", "phone:  -> 0102", "language: " + first.Language + " -> en", "phone: 0102 -> "}
		if diff := cmp.Diff(want, said); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// Of two changes at once both are made, and each event has what was there before it.
func TestDetailsChangedAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		first, err := h.DetailsOf(t.Context(), h.ann)
		if err != nil {
			t.Fatal(err)
		}
		var both sync.WaitGroup
		for _, to := range []helpdesk.Details{{Name: first.Name, Phone: "1", Language: first.Language}, {Name: "Other", Language: first.Language}} {
			both.Go(func() {
				if _, err := h.SetDetails(t.Context(), h.ann, annsAccount, first, to); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		got, err := h.DetailsOf(t.Context(), h.ann)
		if err != nil || got.Name != "Other" || got.Phone != "1" {
			t.Errorf("details %+v: %v", got, err)
		}
	})
}
