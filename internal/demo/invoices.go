package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// billed is a line of an invoice, in cents.
type billed struct {
	service, name, centre string
	quantity, unit        int
}

func (b billed) net() int { return b.quantity * b.unit }
func (b billed) vat() int { return (b.net()*20 + 50) / 100 }

// consumed is what Acme pays for in a month, with so many licenses of Office.
func consumed(basic int) []billed {
	return []billed{{"office", "Office, Basic", "Lyon", basic - 4, 560}, {"office", "Office, Basic", "Paris", 4, 560}, {"storage", "Storage, 100 GB", "Lyon", 5, 390},
		{"domain", "Domain name", "Paris", 2, 199}}
}

// writeInvoices fills a folder with those of the last two months, as guichet import invoices takes them in.
func writeInvoices(dir string, now time.Time) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	heads := "number,account,date,due,currency,net,vat,gross\n"
	details := "invoice,service,centre,quantity,unit_price,period,vat_rate,net\n"
	for ago, basic := range []int{12, 10} {
		month := time.Date(now.Year(), now.Month()-time.Month(ago+1), 1, 0, 0, 0, 0, time.UTC)
		number, date := month.Format("ACME-2006-01"), month.AddDate(0, 1, -1)
		net, vat := 0, 0
		for _, l := range consumed(basic) {
			net, vat = net+l.net(), vat+l.vat()
			details += fmt.Sprintf("%s,%s,%s,%d,%s,%s,20,%s\n", number, l.service, l.centre, l.quantity, euros(l.unit), month.Format("2006-01"), euros(l.net()))
		}
		heads += fmt.Sprintf("%s,20384,%s,%s,EUR,%s,20:%s,%s\n", number, date.Format(time.DateOnly), date.AddDate(0, 0, 30).Format(time.DateOnly), euros(net), euros(vat), euros(net+vat))
		if err := printed(number, date, consumed(basic), net, vat).OutputFileAndClose(filepath.Join(dir, number+".pdf")); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "invoices.csv"), []byte(heads), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "lines.csv"), []byte(details), 0o644)
}

func euros(cents int) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }

// printed is an invoice on paper.
func printed(number string, date time.Time, lines []billed, net, vat int) *fpdf.Fpdf {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.AddPage()
	write := func(style string, size float64, columns ...string) {
		pdf.SetFont("Helvetica", style, size)
		for i, c := range columns {
			pdf.CellFormat([]float64{80, 30, 30, 30}[i], 8, c, "", 0, "", false, 0, "")
		}
		pdf.Ln(-1)
	}
	write("B", 18, "Invoice "+number)
	write("", 11, "Acme, "+date.Format("2 January 2006"))
	pdf.Ln(8)
	write("B", 11, "Service", "Centre", "Quantity", "EUR")
	for _, l := range lines {
		write("", 11, l.name, l.centre, fmt.Sprint(l.quantity), euros(l.net()))
	}
	pdf.Ln(8)
	for _, sum := range []struct {
		name  string
		cents int
	}{{"Net", net}, {"VAT 20 %", vat}, {"Total", net + vat}} {
		write("B", 11, sum.name, "", "", euros(sum.cents))
	}
	write("", 8, "An example: nobody owes this.")
	return pdf
}
