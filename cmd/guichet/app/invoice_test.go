package app_test

import (
	"bytes"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"guichet/internal/localslack"
)

// invoiced takes in invoices of Acme, one of each number, dated and due on these days, each with these lines and of these sums.
func (d *desk) invoiced(lines []string, sums string, numbers ...string) {
	d.t.Helper()
	dir := d.t.TempDir()
	var heads, all strings.Builder
	heads.WriteString("number,account,date,due,currency,net,vat,gross\n")
	all.WriteString("invoice,service,centre,quantity,unit_price,period,vat_rate,net\n")
	for _, n := range numbers {
		number, date, _ := strings.Cut(n, " ")
		fmt.Fprintf(&heads, "%s,A1,%s,2026-12-31,EUR,%s\n", number, date, sums)
		for _, l := range lines {
			fmt.Fprintf(&all, "%s,%s\n", number, l)
		}
		d.keep(filepath.Join(dir, number+".pdf"), "%PDF-1.4 "+number)
	}
	d.keep(filepath.Join(dir, "invoices.csv"), heads.String())
	d.keep(filepath.Join(dir, "lines.csv"), all.String())
	if _, err := d.app.ImportInvoices(d.t.Context(), dir, false); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) keep(name, text string) {
	d.t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// october are the lines of a month, and their sums.
var october = []string{"office,CF-1,12,5.60,2026-10,20,67.20", "domain,,1,14.99,2026-10-15..2027-10-14,20,14.99"}

const octoberSums = "82.19,20:16.44,98.63"

// directly does something and waits for what comes of it in somebody's direct channel: a message with all of these texts.
func (d *desk) directly(who string, do func(), texts ...string) (found localslack.Message) {
	d.t.Helper()
	before := len(d.containing(who, texts...))
	do()
	d.eventually(fmt.Sprintf("%s is shown %q", who, texts), func() bool {
		ms := d.containing(who, texts...)
		if len(ms) > before {
			found = ms[len(ms)-1]
		}
		return len(ms) > before
	})
	return found
}

// carriedTo waits for a file in a direct channel, beside these words, and returns it.
func (d *desk) carriedTo(who, words, name string) []byte {
	d.t.Helper()
	var file localslack.File
	d.eventually(who+" is sent "+name, func() bool {
		for _, m := range d.containing(who, words) {
			for _, f := range m.Files {
				if f.Name == name {
					file = f
				}
			}
		}
		return file.ID != ""
	})
	return d.download(file)
}

// A manager is told that there is an invoice, looks at it, has it sent, and disputes a line; all of it where they are alone with guichet.
func TestInvoicesInSlack(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		typed := func(who, args string) func() {
			return func() {
				if err := d.slack.Command(t.Context(), who, general, "/invoice", args); err != nil {
					t.Fatal(err)
				}
			}
		}
		d.directly(martin, typed(martin, ""), "There are no invoices yet.")
		d.invoiced(october, octoberSums, "F-1 2026-10-31")
		d.find(martin, "Acme Industries: statement available", "1 new invoice has come in", "October 2026: F-1, €98.63, due on 31 Dec 2026")

		// Elsewhere there is only a pointer, without a figure.
		var list localslack.Message
		pointer := d.answer(martin, general, func() {
			list = d.directly(martin, typed(martin, ""), "Invoices of Acme Industries", "F-1, €98.63")
		})
		d.shows(pointer, "I have sent it to your direct messages")
		if text := pointer.AllText(); strings.Contains(text, "98") || strings.Contains(text, "F-1") {
			t.Errorf("in a channel it says %s", text)
		}
		one := d.directly(martin, func() { d.press(martin, list, "invoice") }, "Invoice F-1, October 2026", "Total", "€98.63", "VAT 20%", "€16.44", "Billing account", "A1",
			"1. Office, centre CF-1: 12 × €5.60, October 2026: €67.20", "2. Domain name: 1 × €14.99, 15 Oct 2026 to 14 Oct 2027: €14.99")
		d.directly(martin, typed(martin, "2026-10"), "Invoice F-1", "€67.20")
		d.directly(martin, typed(martin, "f-1"), "Invoice F-1", "€67.20")
		d.directly(martin, typed(martin, "09/2026"), "There are no invoices of September 2026.", "October 2026: /invoice 2026-10")
		d.directly(martin, func() { d.press(martin, one, "invoicecentres") }, "Invoice F-1 by billing centre", "CF-1: €67.20", "No billing centre: €14.99", "All: €82.19")
		d.shows(d.answer(martin, general, typed(martin, "2026-11-31 <!channel>")), "is neither a month", "/invoice consumption")
		d.shows(d.answer(martin, general, typed(martin, "2025-10")), "I have sent it")
		d.shows(d.answer(martin, general, typed(martin, "F-2")), "“F-2” is neither", "Did you mean “/invoice F-1”?")
		d.shows(d.answer(martin, general, typed(martin, "hlep")), "Did you mean “/invoice help”?")
		d.shows(d.answer(martin, general, typed(martin, "help")), "/invoice 2026-10")
		for _, who := range []string{alice, nadia} {
			for _, args := range []string{"", "2026-10", "F-1", "consumption", "x"} {
				d.shows(d.answer(who, general, typed(who, args)), "Invoices are for the managers of your organization", "Martin")
			}
			for _, button := range []string{"invoices", "invoice", "invoicepdf", "invoicecsv", "invoicecentres", "consumption", "dispute"} {
				d.shows(d.answer(who, general, func() { d.forge(who, pointer, button, "F-1") }), "Invoices are for the managers")
			}
		}
		for _, button := range []string{"invoice", "invoicepdf", "dispute"} {
			d.shows(d.answer(martin, general, func() { d.forge(martin, pointer, button, "G-1") }), "Your organization has no such invoice")
		}

		// Its files.
		d.press(martin, one, "invoicepdf")
		if got := d.carriedTo(martin, "Invoice F-1, October 2026", "F-1.pdf"); string(got) != "%PDF-1.4 F-1" {
			t.Errorf("the PDF is %q", got)
		}
		d.press(martin, one, "invoicecsv")
		if got := string(d.carriedTo(martin, "Invoice F-1, October 2026", "F-1.csv")); !strings.HasPrefix(got, "\ufeffInvoice,Date,Due,") ||
			!strings.Contains(got, "\r\nF-1,2026-10-31,2026-12-31,A1,1,Office,CF-1,12,5.60,2026-10-01,2026-10-31,20,67.20,13.44,EUR\r\n") {
			t.Errorf("the CSV is %q", got)
		}
		d.press(martin, one, "consumption")
		d.pictured(martin, "Acme Industries: consumption, net", "Office: €67.20; Domain name: €14.99", "In all: €82.19")

		// A line is disputed.
		if wrong := d.wrongly(martin, one, "dispute", map[string]string{"line": "2", "description": " "}); wrong["description"] == "" {
			t.Error("a dispute without a word")
		}
		if wrong := d.fill(martin, one, "dispute", map[string]string{"line": "2", "description": "We gave that up. <!channel>"}); len(wrong) > 0 {
			t.Fatal(wrong)
		}
		d.find(support, "#1001 Invoice F-1, line 2: Domain name", "Service request", "F-1, line 2", "I dispute line 2 of invoice F-1: Domain name, 15 Oct 2026 to 14 Oct 2027, 1 × €14.99 = €14.99 net, VAT 20%.", "We gave that up. <!channel>")
		d.find(martin, "Your ticket has the number 1001", "F-1, line 2")
		d.shows(d.ask(martin, "1001"), "Invoice", "F-1, line 2")
		d.directly(martin, typed(martin, "F-1"), "Line 2 is disputed: ticket #1001 (New).")

		// Who was a manager once gets nothing of it any more.
		d.restart(func(s string) string { return strings.Replace(s, "acme:U02MARTIN", "acme:"+nadia, 1) })
		for _, button := range []string{"invoice", "invoicepdf", "invoicecsv", "consumption", "dispute", "invoices"} {
			d.shows(d.told(martin, one, button, "F-1"), "Invoices are for the managers", "Nadia")
		}
		d.settle()
		if n := d.carried(martin); n != 3 {
			t.Errorf("he was sent %d files", n)
		}
	})
}

// A list has several pages; an invoice of many lines shows a part of them, and asks for a line by its number.
func TestManyInvoices(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		var numbers []string
		for month := range 12 {
			numbers = append(numbers, fmt.Sprintf("F-%02d 2026-%02d-28", month+1, month+1))
		}
		d.invoiced(october, octoberSums, numbers...)
		d.find(martin, "12 new invoices have come in", "December 2026: F-12")
		list := d.directly(martin, func() { _ = d.slack.Command(t.Context(), martin, general, "/facture", "") }, "Invoices of", "F-12", "F-03")
		if strings.Contains(list.AllText(), "F-02") {
			t.Errorf("a page shows %s", list.AllText())
		}
		d.directly(martin, func() { d.press(martin, list, "invoices") }, "F-02, €98.63", "F-01, €98.63")

		var long []string
		for range 120 {
			long = append(long, "office,CF-1,1,0.10,2026-10,20,0.10")
		}
		d.invoiced(long, "12.00,20:2.40,14.40", "L-1 2025-10-31", "L-2 2025-10-31")
		month := d.directly(martin, func() { _ = d.slack.Command(t.Context(), martin, general, "/invoice", "10/2025") }, "Invoices of October 2025",
			"L-1: €12.00 net, €2.40 VAT, €14.40 in all, due on 31 Dec 2026", "L-2: €12.00 net", "And 114 more lines: the CSV has them all.")
		one := d.directly(martin, func() { d.press(martin, month, "invoice") }, "25. Office", "And 95 more lines: the CSV has them all.")
		for _, wrong := range []string{"0", "121", "x", ""} {
			if errs := d.wrongly(martin, one, "dispute", map[string]string{"line": wrong, "description": "Why?"}); errs["line"] == "" {
				t.Errorf("line %q is taken", wrong)
			}
		}
		if errs := d.fill(martin, one, "dispute", map[string]string{"line": " 120 ", "description": "Why?"}); len(errs) > 0 {
			t.Fatal(errs)
		}
		d.find(support, "line 120: Office")
	})
}

// A manager's home view shows the latest invoices, and follows what is imported; nobody else's does.
func TestInvoicesAtHome(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		p := d.slack.OpenTest(t, martin)
		d.pressAt(p, d.shownAt(p), "tab", "organization")
		d.becomes(p, "Latest invoices", "There are no invoices yet.")
		d.invoiced(october, octoberSums, "F-1 2026-07-31", "F-2 2026-08-31", "F-3 2026-09-30", "F-4 2026-10-31")
		v := d.becomes(p, "October 2026: F-4, €98.63", "F-2", "-F-1,", "All of them")
		d.directly(martin, func() { d.pressAt(p, v, "invoice", "F-4") }, "Invoice F-4, October 2026", "€67.20")
		p.Close()
		p = d.slack.OpenTest(t, alice)
		if v := d.shownAt(p); strings.Contains(v.AllText(), "nvoice") {
			t.Errorf("an employee's shows %s", v.AllText())
		}
	})
}

// The same in Mattermost, in French, over a restart while the files are on their way.
func TestInvoicesInMattermost(t *testing.T) {
	onceAcrossPlatforms(t, true, func(t *testing.T, d *desk, m *team) {
		d.restart(func(s string) string { return strings.Replace(s, `"acme:U02MARTIN"`, `"acme-mm:`+m.lucas+`"`, 1) })
		d.types(m.lucas, "/facture", "")
		d.shownIn(m.Direct(m.lucas), "Il n’y a pas encore de factures.")
		d.invoiced(october, octoberSums, "F-1 2026-10-31")
		direct := m.Direct(m.lucas)
		d.shownIn(direct, "Acme Industries : relevé de consommations disponible", "octobre 2026 : F-1, 98,63 €, échéance le 31/12/2026")
		for who, want := range map[string]string{m.carla: "Invoices are for the managers", m.nina: "Invoices are for the managers"} {
			for _, name := range []string{"/invoice", "/facture"} {
				if got := d.types(who, name, "2026-10").Shown(); !strings.Contains(got, want) {
					t.Errorf("%s says %s, want %q", name, got, want)
				}
			}
		}
		pointer, err := m.Type(m.lucas, m.AddChannel("town", "O", m.Bot, m.lucas), "/facture", "2026-10")
		if err != nil || !strings.Contains(pointer.Shown(), "Je l’ai envoyé dans vos messages directs") || strings.Contains(pointer.Shown(), "98") {
			t.Errorf("elsewhere it says %s, %v", pointer.Shown(), err)
		}
		one := d.shownIn(direct, "Facture F-1, octobre 2026", "TVA 20\u202f%", "16,44 €", "1. Office, centre CF-1 : 12 × 5,60 €, octobre 2026 : 67,20 €", "du 15/10/2026 au 14/10/2027")
		if got := d.types(m.lucas, "/facture", "aide").Shown(); !strings.Contains(got, "/facture 2026-10") {
			t.Errorf("help is %s", got)
		}
		if got := d.types(m.lucas, "/facture", "consomation").Shown(); !strings.Contains(got, "Vouliez-vous dire «\u202f/facture consommation\u202f»") {
			t.Errorf("a slip is %s", got)
		}
		d.click(m.lucas, one, "PDF")
		d.click(m.lucas, one, "CSV")
		d.stop()
		d.start()
		d.eventually("both files are there", func() bool { return len(d.sentTo(direct)) == 2 })
		d.click(m.lucas, one, "Consommations")
		d.shownIn(direct, "Acme Industries : consommations HT", "Par service, en EUR : Office : 67,20 €", "Au total : 82,19 €")
		d.click(m.lucas, one, "Par centre")
		d.shownIn(direct, "par centre de facturation", "CF-1 : 67,20 €", "Sans centre de facturation : 14,99 €")
		d.eventually("the picture is there", func() bool { return len(d.sentTo(direct)) == 3 })
		for name, data := range d.sentTo(direct) {
			switch {
			case name == "F-1.pdf" && string(data) == "%PDF-1.4 F-1":
			case name == "F-1.csv" && strings.Contains(string(data), "\r\nF-1;2026-10-31;2026-12-31;A1;1;Office;CF-1;12;5,60;2026-10-01;2026-10-31;20;67,20;13,44;EUR\r\n"):
			case strings.HasPrefix(name, "guichet-consumption-acme-"+time.Now().UTC().Format("2006")):
				if _, err := png.Decode(bytes.NewReader(data)); err != nil {
					t.Error(err)
				}
			default:
				t.Errorf("%s is %q", name, data)
			}
		}
		d.click(m.lucas, one, "Contester une ligne")
		d.sendForm(m.lucas, map[string]any{"line": "1", "description": "Nous en avons 10."})
		d.shownIn(m.queue, "#1001 Facture F-1, ligne 1 : Office", "Je conteste la ligne 1 de la facture F-1 : Office, octobre 2026, 12 × 5,60 € = 67,20 € HT, TVA 20\u202f%.", "Nous en avons 10.", "F-1, line 1", "CF-1")
		d.shownIn(direct, "1001", "Facture F-1, ligne 1", "Centre de facturation CF-1")
	})
}

// sentTo are the files that guichet has put into a Mattermost channel, by name.
func (d *desk) sentTo(channel string) map[string][]byte {
	d.t.Helper()
	all := map[string][]byte{}
	for _, p := range d.team.Posts(channel) {
		for _, id := range p.FileIDs {
			name, data := d.team.FileData(id)
			if _, twice := all[name]; twice {
				d.t.Errorf("%s was sent twice", name)
			}
			all[name] = data
		}
	}
	return all
}
