package app_test

import (
	"strings"
	"testing"
)

// People change their own details in a form, on either platform; what is wrong is said at the field; agents see the
// new name; and login and password are elsewhere.
func TestProfile(t *testing.T) {
	onceAcrossPlatforms(t, false, func(t *testing.T, d *desk, m *team) {
		d.restart(func(s string) string {
			return strings.Replace(s, "    name: Acme Industries\n", "    name: Acme Industries\n    account_url: https://id.acme.example/\n", 1)
		})
		mine := d.openIn(m.carla, "Excel", "Crashes.")
		d.types(m.carla, "/guichet", "profile")
		form, _ := m.Dialog(m.carla)
		if !strings.Contains(form.Dialog.Introduction, "](https://id.acme.example/)") || form.Dialog.Elements[0].Default != "Carla Rossi" {
			t.Errorf("the form: %+v", form.Dialog)
		}
		for field, value := range map[string]string{"name": " ", "phone": "ring me"} {
			if wrong, err := m.Send(m.carla, form, map[string]any{field: value}); err != nil || wrong[field] == "" {
				t.Errorf("%s: %q: %v %v", field, value, wrong, err)
			}
		}
		d.sendForm(m.carla, map[string]any{"name": "Carla Rossi-Blanc", "phone": "+33 1 02 03 04 05", "language": "fr"})
		d.shownIn(m.Direct(m.carla), "Vos données sont enregistrées.")
		d.say(m.carla, mine, "C’est encore moi.")
		d.find(support, "Carla Rossi-Blanc wrote", "C’est encore moi.")

		p := d.slack.OpenTest(t, alice)
		defer p.Close()
		if err := d.slack.Command(t.Context(), alice, general, "/guichet", "profile"); err != nil {
			t.Fatal(err)
		}
		if errs := d.form(p, map[string]string{"name": "Alice Martin", "phone": "abc", "language": "en"}); errs["phone"] == "" {
			t.Errorf("the phone is taken: %v", errs)
		}
		if errs := d.form(p, map[string]string{"name": "Alice M.", "phone": "12", "language": "en"}); len(errs) > 0 {
			t.Errorf("the form has errors: %v", errs)
		}
		d.find(alice, "Your details are saved.")
		if n := d.number("SELECT COUNT(*) FROM person_events"); n != 5 {
			t.Errorf("%d changes are noted", n)
		}
		if strings.Contains(d.log.String(), "Blanc") || strings.Contains(d.log.String(), "02 03") {
			t.Error("the log tells what people say of themselves")
		}
	})
}
