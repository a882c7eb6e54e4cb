package bot

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"image/png"
	"strings"
	"testing"

	"guichet/billing"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/money"
	"guichet/store"
)

func euros(minor int64) money.Amount { return money.Amount{Minor: minor, Currency: "EUR"} }

// A table that a spreadsheet opens runs nothing, whatever names are in it, and its numbers stay numbers.
func TestAnInvoiceAsATable(t *testing.T) {
	b := &Bot{desk: helpdesk.NewDesk(nil, testCatalog())}
	p := billing.Parcel{Recipient: billing.Recipient{Language: "fr"}, Invoice: billing.Invoice{Head: billing.Head{Number: "F-1", Account: "+33 1", Issued: 20261031, Due: 20261130}}}
	for _, centre := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\tx", "CF-1; \"Lyon\"", ""} {
		p.Lines = append(p.Lines, billing.Line{Service: "office", Centre: centre, Quantity: -2, Unit: euros(123456), Rate: 550, Net: euros(-246912), VAT: euros(-13580), Begins: 20261001, Ends: 20261031})
	}
	for language, c := range map[string]struct {
		comma     rune
		head, net string
	}{"en": {',', "Invoice", "-2469.12"}, "fr": {';', "Facture", "-2469,12"}} {
		p.Language = language
		made, err := b.invoiceCSV(p)
		if err != nil || !strings.HasPrefix(string(made), "\ufeff"+c.head) {
			t.Fatalf("%s, %v", made, err)
		}
		in := csv.NewReader(bytes.NewReader(made[len("\ufeff"):]))
		in.Comma = c.comma
		rows, err := in.ReadAll()
		if err != nil || len(rows) != 1+len(p.Lines) {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		var centres []string
		for n, row := range rows[1:] {
			if len(row) != len(rows[0]) || row[0] != "F-1" || row[3] != "'+33 1" || row[4] != fmt.Sprint(n+1) || row[5] != "Office" || row[7] != "-2" || row[12] != c.net || row[14] != "EUR" {
				t.Errorf("%s: %q", language, row)
			}
			centres = append(centres, row[6])
		}
		if got := strings.Join(centres, "|"); got != "'=1+1|'+1|'-1|'@SUM(A1)|'\tx|CF-1; \"Lyon\"|" {
			t.Errorf("%s: %q", language, got)
		}
	}
}

func spent(language string) billing.Drawing {
	d := billing.Drawing{Recipient: billing.Recipient{Language: language}, Consumption: billing.Consumption{Organization: "acme"}}
	for n := range 12 {
		d.Months = append(d.Months, store.Date(20251201).AddMonths(n))
	}
	s := billing.Spent{Currency: "EUR", Total: euros(123450), Months: make([]money.Amount, 12), Services: []billing.Part{{Key: "office", Net: euros(124000)}, {Key: "emm", Net: euros(-550)}}}
	s.Months[0], s.Months[11] = euros(124000), euros(-550)
	d.Currencies = []billing.Spent{s}
	return d
}

// What was consumed is drawn, and said in words beside the picture and as its description; each currency by itself.
func TestConsumptionIsDrawn(t *testing.T) {
	b := &Bot{desk: helpdesk.NewDesk(nil, testCatalog())}
	spaces := strings.NewReplacer("\u00a0", " ", "\u202f", " ")
	for language, want := range map[string][]string{
		"en": {"Acme: consumption, net", "From December 2025 to November 2026",
			"By month, in EUR: Dec 25: €1,240.00; Jan 26: €0.00; Feb 26: €0.00; Mar 26: €0.00; Apr 26: €0.00; May 26: €0.00; Jun 26: €0.00; Jul 26: €0.00; Aug 26: €0.00; Sep 26: €0.00; Oct 26: €0.00; Nov 26: -€5.50.",
			"By service, in EUR: Office: €1,240.00; EMM: -€5.50.", "In all: €1,234.50"},
		"fr": {"Acme : consommations HT", "Période : décembre 2025 à novembre 2026",
			"Par mois, en EUR : 12/25 : 1 240,00 € ; 01/26 : 0,00 € ; 02/26 : 0,00 € ; 03/26 : 0,00 € ; 04/26 : 0,00 € ; 05/26 : 0,00 € ; 06/26 : 0,00 € ; 07/26 : 0,00 € ; 08/26 : 0,00 € ; 09/26 : 0,00 € ; 10/26 : 0,00 € ; 11/26 : -5,50 €.",
			"Par service, en EUR : Office : 1 240,00 € ; EMM : -5,50 €.", "Au total : 1 234,50 €"},
	} {
		d, err := b.drawConsumption(spent(language))
		if err != nil {
			t.Fatal(err)
		}
		if got := spaces.Replace(d.Words); got != strings.Join(want, "\n") || d.Alt != d.Words || d.Name != "guichet-consumption-acme-2026-11.png" {
			t.Errorf("%s, %s:\n%s", language, d.Name, got)
		}
		if _, err := png.Decode(bytes.NewReader(d.PNG)); err != nil {
			t.Error(err)
		}
	}

	// Many currencies, many services, nothing at all.
	many := spent("en")
	for n := range 20 {
		many.Currencies[0].Services = append(many.Currencies[0].Services, billing.Part{Key: fmt.Sprint("service ", n), Net: euros(100)})
	}
	for _, currency := range []string{"CHF", "GBP", "JPY", "USD"} {
		s := spent("en").Currencies[0]
		s.Currency = currency
		many.Currencies = append(many.Currencies, s)
	}
	d, err := b.drawConsumption(many)
	if err != nil || !strings.Contains(d.Words, "By service, in USD") || !strings.Contains(d.Words, "All others: €16.00") || len([]rune(d.Alt)) != maxAlt {
		t.Errorf("%s, %v", d.Words, err)
	}
	none := spent("en")
	none.Currencies = nil
	if d, err := b.drawConsumption(none); err != nil || !strings.HasSuffix(d.Words, "Nothing was invoiced of these months.") {
		t.Errorf("%s, %v", d.Words, err)
	}
}

func TestMonthsAsTheyAreTyped(t *testing.T) {
	for typed, want := range map[string]store.Date{"2026-10": 20261001, "10/2026": 20261001, "2026/1": 20260101, "1-2026": 20260101, "10.2026": 20261001,
		"2026-13": 0, "00/2026": 0, "2026": 0, "2026-10-31": 0, "F-2026-10": 0, "1999-01": 0, "": 0} {
		if got, ok := parseMonth(typed); got != want || ok != (want != 0) {
			t.Errorf("%q is %v, %v", typed, got, ok)
		}
	}
}

// A period that is a month is named by it.
func TestPeriods(t *testing.T) {
	w := text.In("en")
	for want, p := range map[string][2]store.Date{"February 2028": {20280201, 20280229}, "1 Feb 2028 to 28 Feb 2028": {20280201, 20280228}, "1 Jan 2026 to 31 Dec 2026": {20260101, 20261231},
		"15 Oct 2026 to 31 Oct 2026": {20261015, 20261031}} {
		if got := period(w, p[0], p[1]); got != want {
			t.Errorf("%v is %s", p, got)
		}
	}
}
