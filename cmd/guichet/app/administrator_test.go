package app_test

import (
	"net/http"
	"net/mail"
	"strings"
	"testing"

	"guichet/internal/localslack"
	"guichet/internal/postoffice"
	"guichet/store/storetest"
)

// license types /license and returns the answer.
func (d *desk) license(who, args string) localslack.Message {
	d.t.Helper()
	return d.answer(who, general, func() {
		if err := d.slack.Command(d.t.Context(), who, general, "/license", args); err != nil {
			d.t.Fatal(err)
		}
	})
}

// pressText presses the button of a message by how its text begins.
func (d *desk) pressText(who string, m localslack.Message, text string) {
	d.t.Helper()
	for _, b := range m.Buttons() {
		if strings.HasPrefix(b.Text, text) {
			if err := d.slack.Press(d.t.Context(), who, m.Channel, m.TS, b.BlockID, b.ActionID, b.Value); err != nil {
				d.t.Fatal(err)
			}
			return
		}
	}
	d.t.Fatalf("no button %q on: %s", text, m.AllText())
}

// A manager designates a colleague, who sees and answers the service's tickets, and only those, until they are removed.
func TestAdministratorsInSlack(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.estate()
		d.open(alice, "Outlook", "Does not start.")
		d.write(nadia, support, "note: between us", d.card("1001").TS)
		d.shows(d.license(alice, "admin"), "looked after by the managers")
		d.shows(d.ask(bruno, "1001"), "no ticket #1001")
		list := d.license(martin, "admin")
		d.shows(list, "Technical administrators of Acme Industries", "Office: nobody", "EMM: nobody")

		// Without mail nobody new can be asked to confirm: it says so.
		p := d.slack.OpenTest(t, martin)
		d.press(martin, list, "adminadd")
		if v := d.view(p); !strings.Contains(v.AllText(), "mail is not set up here") || strings.Contains(v.AllText(), "Somebody new (by mail)") {
			t.Errorf("the form shows %s", v.AllText())
		}
		p.Close()
		if errs := d.wrongly(martin, list, "adminadd", map[string]string{"service": "office"}); !strings.Contains(errs["picked"], "Choose somebody") {
			t.Errorf("nobody is chosen: %q", errs)
		}
		if errs := d.wrongly(martin, list, "adminadd", map[string]string{"picked": d.slack.Config.App.BotUserID, "service": "office"}); !strings.Contains(errs["picked"], "choose a colleague") {
			t.Errorf("a program is chosen: %q", errs)
		}
		if errs := d.fill(martin, list, "adminadd", map[string]string{"picked": bruno, "service": "office"}); len(errs) > 0 {
			t.Fatalf("designated: %q", errs)
		}
		d.find(martin, "Bruno Petit administers Office from now on")
		d.find(bruno, "You administer Office of Acme Industries", "see your colleagues’ tickets on the subject")

		// He sees them, answers, and the requester is told who did; notes are not his.
		seen := d.ask(bruno, "1001")
		d.shows(seen, "Outlook", "Does not start.")
		if strings.Contains(seen.AllText(), "between us") {
			t.Error("an administrator reads a note")
		}
		d.shows(d.ask(bruno, "list"), "Tickets about what you administer (Office)", "#1001")
		d.shows(d.ask(bruno, "help"), "As technical administrator of Office")
		if errs := d.fill(bruno, seen, "reply", map[string]string{"body": "Restart it, please."}); len(errs) > 0 {
			t.Fatalf("answered: %q", errs)
		}
		d.find(alice, "Bruno Petit wrote", "Restart it, please.")
		d.find(support, "Bruno Petit wrote", "Restart it, please.")
		d.shows(d.license(bruno, ""), "Office, Basic: 12 ordered")
		for _, act := range []string{"order", "change", "terminate", "quote", "admin"} {
			d.shows(d.license(bruno, act), "looked after by the managers")
		}
		home := d.slack.OpenTest(t, bruno)
		d.pressAt(home, d.shownAt(home), "tab", "services")
		d.becomes(home, "Open tickets about what you administer", "#1001 Outlook", "Office, Basic: 12 ordered", "-Technical administrators")
		home.Close()

		// The manager's home view leads to the list.
		home = d.slack.OpenTest(t, martin)
		d.pressAt(home, d.shownAt(home), "tab", "organization")
		v := d.becomes(home, "Technical administrators", "Office: Bruno Petit (confirmed), since")
		d.pressAt(home, v, "admins", "")
		if v := d.view(home); !strings.Contains(v.AllText(), "EMM: nobody") {
			t.Errorf("all of them show as %s", v.AllText())
		}
		if err := home.CloseView(t.Context()); err != nil {
			t.Fatal(err)
		}
		home.Close()

		list = d.license(martin, "admin")
		d.forge(bruno, list, "adminremove", "1")
		p = d.slack.OpenTest(t, martin)
		d.pressText(martin, list, "Update Bruno Petit")
		if errs := d.form(p, map[string]string{"services": "+emm"}); len(errs) > 0 {
			t.Fatalf("updated: %q", errs)
		}
		p.Close()
		d.shows(d.license(martin, "admin"), "Office: Bruno Petit", "EMM: Bruno Petit")
		d.forge(martin, list, "adminremove", "77")
		d.pressText(martin, list, "Remove Bruno Petit")
		d.find(bruno, "You are no longer technical administrator of Acme Industries")
		d.shows(d.ask(bruno, "1001"), "no ticket #1001")
		d.shows(d.license(bruno, ""), "looked after by the managers")

		list = d.license(martin, "admin")
		d.shows(list, "Office: nobody", "EMM: nobody")
		d.press(martin, list, "adminhistory")
		d.eventually("the history shows", func() bool {
			for _, m := range d.private(martin, general) {
				if containsAll(m.AllText(), []string{"Martin Dupont designated Bruno Petit for Office.", "Martin Dupont designated Bruno Petit for EMM.", "Martin Dupont removed Bruno Petit from Office, EMM."}) {
					return true
				}
			}
			return false
		})
	})
}

// Somebody new gets nothing but a link until they have confirmed, then their access, once; the manager reads French, they English.
func TestANewAdministratorInSlackAndByMail(t *testing.T) {
	byMailOnce(t, func(t *testing.T, d *desk, p *postoffice.Server) {
		d.restart(func(s string) string {
			return strings.Replace(s, "    name: Office\n", "    name: Office\n    help: https://help.acme.example/office\n    vendor: https://admin.vendor.example\n", 1)
		})
		home := mail.Address{Address: "lou@home.example"}
		d.answer(martin, general, func() { d.guichet(martin, general, "language fr") })
		d.shows(d.license(martin, "aide"), "/licence administrateur — qui administre quel service")
		list := d.license(martin, "administrateur")
		d.shows(list, "Administrateurs techniques de l’entreprise Acme Industries", "Office\u00a0: aucun")
		page := d.slack.OpenTest(t, martin)
		d.press(martin, list, "adminadd")
		d.form(page, map[string]string{"who": "new", "service": "office"})
		d.eventually("the second step shows", func() bool { return strings.Contains(d.view(page).AllText(), "reçoit un lien par e-mail") })
		for field, wrong := range map[string]map[string]string{
			"name":  {"name": "", "mail": home.Address},
			"mail":  {"name": "Lou", "mail": desksAddress},
			"phone": {"name": "Lou", "mail": home.Address, "phone": "appelez-moi"},
		} {
			if errs := d.form(page, wrong); len(errs) != 1 || errs[field] == "" {
				t.Errorf("%v is wrong as %q", wrong, errs)
			}
		}
		if errs := d.form(page, map[string]string{"name": "Lou Blanc", "phone": "0102", "mail": strings.ToUpper(home.Address), "language": "en"}); len(errs) > 0 {
			t.Fatalf("designated: %q", errs)
		}
		page.Close()
		d.find(martin, "Lou Blanc administrera Office dès que son adresse sera confirmée.", "Nous avons écrit à "+home.Address)
		d.shows(d.license(martin, "administrateur"), "Office\u00a0: Lou Blanc, en attente de confirmation de l’adresse "+home.Address)
		d.got(p, home.Address, "Martin Dupont (Acme Industries) names Lou Blanc technical administrator of Office", "Confirm")
		link := d.link(p, home.Address, 1)
		d.settle()
		if n := len(p.Mails(home.Address)); n != 1 {
			t.Errorf("%d mails before they have confirmed", n)
		}
		for range 2 {
			if status, page := d.visit(http.MethodGet, link); status != http.StatusOK || !containsAll(page, []string{`lang="en"`, "Martin Dupont (Acme Industries) names Lou Blanc", "<button>Confirm</button>"}) {
				t.Errorf("%d %s", status, page)
			}
		}
		d.shows(d.license(martin, "administrateur"), "en attente de confirmation")
		if status, page := d.visit(http.MethodPost, strings.Replace(link, "/1.", "/2.", 1)); status != http.StatusNotFound {
			t.Errorf("a forged link: %d %s", status, page)
		}
		if status, page := d.visit(http.MethodPost, link); status != http.StatusOK || !strings.Contains(page, "you administer Office of Acme Industries") {
			t.Errorf("%d %s", status, page)
		}
		if status, _ := d.visit(http.MethodPost, link); status != http.StatusNotFound {
			t.Errorf("pressed twice: %d", status)
		}
		d.got(p, home.Address, "You administer Office of Acme Industries", "Hello Lou Blanc", desksAddress, "https://help.acme.example/office", "https://admin.vendor.example")
		d.find(martin, "Lou Blanc a confirmé son adresse et administre maintenant Office.")
		d.shows(d.license(martin, "administrateur"), "Office\u00a0: Lou Blanc (confirmé), depuis le")
		d.settle()
		if n := len(p.Mails(home.Address)); n != 2 {
			t.Errorf("%d mails, and not a link and their access", n)
		}
		for _, secret := range []string{strings.Split(link, ".")[1], "lou@", "Blanc"} {
			if strings.Contains(d.log.String(), secret) {
				t.Errorf("the log tells %q", secret)
			}
		}
	})
}

// The same in Mattermost, where the manager reads French; who confirmed by mail and comes to the chat later is one person, and still administers.
func TestAdministratorsInMattermost(t *testing.T) {
	t.Parallel()
	storetest.OneAddress(t, func(t *testing.T, address string) {
		t.Parallel()
		d, m := newTeamDeskWithMail(t, address)
		d.restart(func(s string) string { return strings.Replace(s, `"acme:U02MARTIN"`, `"acme-mm:`+m.lucas+`"`, 1) })
		mine := d.openIn(m.lucas, "Imprimante", "Bloquée.")
		list := d.types(m.lucas, "/licence", "administrateur")
		d.click(m.lucas, list, "Ajouter")
		d.sendForm(m.lucas, map[string]any{"picked": m.carla, "service": "emm"})
		d.shownIn(m.Direct(m.lucas), "Carla Rossi administre désormais EMM")
		d.shownIn(m.Direct(m.carla), "You administer EMM of Acme Industries")
		if got := d.types(m.carla, "/ticket", "list").Shown(); strings.Contains(got, "Imprimante") {
			t.Errorf("another service's ticket shows: %s", got)
		}

		d.click(m.lucas, d.types(m.lucas, "/licence", "admin"), "Ajouter")
		d.sendForm(m.lucas, map[string]any{"who": "new", "service": "*"})
		d.click(m.lucas, d.shownIn(m.Direct(m.lucas), "reçoit un lien par e-mail", "Continuer"), "Continuer")
		d.sendForm(m.lucas, map[string]any{"name": "Nina K.", "mail": "nina@home.example", "language": "en"})
		d.shownIn(m.Direct(m.lucas), "Nina K. administrera Office, Nom de domaine, EMM", "nina@home.example")
		d.visit(http.MethodPost, d.link(d.post, "nina@home.example", 1))
		d.shownIn(m.Direct(m.lucas), "Nina K. a confirmé son adresse")
		d.shownIn(m.Direct(m.carla), "You are no longer technical administrator of Acme Industries")
		d.got(d.post, "nina@home.example", "You administer Office, Domain name, EMM of Acme Industries")

		d.types(m.nina, "/guichet", "profile")
		d.sendForm(m.nina, map[string]any{"mail": "nina@home.example"})
		d.visit(http.MethodPost, d.link(d.post, "nina@home.example", 2))
		d.shownIn(m.Direct(m.nina), "is confirmed")
		seen := d.types(m.nina, "/ticket", "1001")
		if !containsAll(seen.Shown(), []string{"Imprimante", "Bloquée."}) {
			t.Errorf("who turned out to be the administrator sees %s", seen.Shown())
		}
		d.click(m.nina, seen, "Reply")
		d.sendForm(m.nina, map[string]any{"body": "It has been repaired."})
		if reply := d.shownIn(m.Direct(m.lucas), "Nina Keller a écrit", "It has been repaired."); reply.RootID != mine.ID {
			t.Error("it is not in the ticket's thread")
		}
		list = d.types(m.lucas, "/licence", "admin")
		if !strings.Contains(list.Shown(), "Nina Keller") {
			t.Errorf("the list shows %s", list.Shown())
		}
		d.click(m.lucas, list, "Supprimer Nina Keller")
		d.shownIn(m.Direct(m.nina), "You are no longer technical administrator")
		if got := d.types(m.nina, "/ticket", "1001").Shown(); !strings.Contains(got, "no ticket") {
			t.Errorf("who was removed sees %s", got)
		}
	})
}
