package billing_test

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"guichet/billing"
	"guichet/store"
)

func numbers(hs []billing.Head) string {
	var all []string
	for _, h := range hs {
		all = append(all, h.Number)
	}
	return strings.Join(all, " ")
}

func TestImport(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		b, err := o.Read(october())
		o.check(err)
		done, err := o.Import(ctx, b, true)
		o.check(err)
		same(t, "it would take in", numbers(done.New), "F-1 G-1")
		if p, err := o.List(ctx, o.max, store.InvoicePlace{}, 10); err != nil || len(p.Invoices) > 0 || len(o.told(billing.TellStatement)) > 0 {
			t.Errorf("a rehearsal: %+v, %v", p, err)
		}
		done = o.take(october())
		same(t, "taken in", numbers(done.New), "F-1 G-1")
		got, err := o.Invoice(ctx, o.max, "F-1")
		o.check(err)
		want := bill("F-1", "A1", "2026-10-31", "EUR", line("office", "CF-1", 12, 560, "2026-10"), line("storage", "CF-2", 5, 333, "2026-10"), line("office", "CF-2", -1, 560, "2026-09"))
		want.ID, want.Organization, want.PDF = got.ID, "acme", got.PDF
		same(t, "it is kept", got, want)
		if len(got.PDF) != 64 || got.Net.Minor != 7825 || got.Gross.Minor != 7825+1344+333-112 {
			t.Errorf("%+v", got.Head)
		}
		told := len(o.told(billing.TellStatement))

		// As a French Excel writes it, the lines' columns in another order, and with one more invoice.
		more := folder(bill("F-2", "A2", "2026-10-31", "EUR", line("office", "", 3, 1200, "2026-10")))
		french := october()
		french[billing.InvoicesFile] = &fstest.MapFile{Data: []byte("\ufeffNumber;Account;Date;Due;Currency;Net;VAT;Gross;Remark\r\n" +
			"F-1;A1;2026-10-31;2026-11-01;EUR;78,25;20:15,65;93,90;x\r\nF-2;A2;2026-10-31;2026-11-01;EUR;36;20:7,2;43,2;\r\n")}
		french[billing.LinesFile] = &fstest.MapFile{Data: []byte("\ufeffNet;VAT_rate;Period;Unit_price;Quantity;Centre;Service;Invoice\r\n67,20;20;2026-10;5,6;12;CF-1;office;F-1\r\n" +
			"16,65;20,0;2026-10-01..2026-10-31;3,33;5;CF-2;storage;F-1\r\n-5,60;20;2026-09;5,60;-1;CF-2;office;F-1\r\n36,00;20;2026-10;12,00;3;;office;F-2\r\n")}
		french["F-2.pdf"] = more["F-2.pdf"]
		done = o.take(french)
		same(t, "the rest", numbers(done.New), "F-2")
		same(t, "what is there already", done.Unchanged, 1)
		done = o.take(french)
		if len(done.New) != 0 || done.Unchanged != 2 {
			t.Errorf("once more: %+v", done)
		}
		if n := len(o.told(billing.TellStatement)); n != told+1 {
			t.Errorf("%d are told, and not %d", n, told+1)
		}

		// A number that is there with another content is refused, with all that came along.
		is := func(number, account, date, currency string, lines ...billing.Line) fstest.MapFS {
			return folder(bill("N-1", "A1", "2026-10-31", "EUR", line("office", "", 1, 1, "2026-10")), bill(number, account, date, currency, lines...))
		}
		one := line("office", "", 3, 1200, "2026-10")
		cheaper := one
		cheaper.Rate = 0
		moved := one
		moved.Centre = "CF-9"
		pdf := change(is("F-2", "A2", "2026-10-31", "EUR", one), "F-2.pdf", "F-2", "another")
		for want, files := range map[string]fstest.MapFS{
			"another account:": is("F-2", "A1", "2026-10-31", "EUR", one), "another date:": is("F-2", "A2", "2026-10-30", "EUR", one), "another currency:": is("F-2", "A2", "2026-10-31", "USD", one),
			"another vat, another gross:": is("F-2", "A2", "2026-10-31", "EUR", cheaper), "another consumption detail:": is("F-2", "A2", "2026-10-31", "EUR", moved),
			"another organization, another account:": is("F-2", "G1", "2026-10-31", "EUR", one), "another PDF:": pdf,
		} {
			for _, dry := range []bool{true, false} {
				b, err := o.Read(files)
				o.check(err)
				done, err := o.Import(ctx, b, dry)
				if err == nil || !strings.HasPrefix(err.Error(), "invoices.csv: line 3: has the number of an invoice that is there already, F-2, with "+want) || len(done.New) > 0 {
					t.Errorf("%s %+v, %v", want, done, err)
				}
			}
		}
		if _, err := o.Invoice(ctx, o.max, "N-1"); err == nil {
			t.Error("what came along was taken in")
		}

		// All of it is in the audit log, sealed.
		o.check(o.people.SealAudit(ctx))
		all, err := o.people.VerifyAudit(ctx)
		o.check(err)
		for _, a := range all {
			if want := map[string]int64{"acme": 3, "globex": 2}[a.Organization]; a.Sealed != want || a.Broken != "" { // with the grants of roles
				t.Errorf("%+v", a)
			}
		}
	})
}

// Of several who import the same at once, one does, and the managers are told once.
func TestImportsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		b, err := o.Read(october())
		o.check(err)
		var all sync.WaitGroup
		var mu sync.Mutex
		added := 0
		for range 4 {
			all.Go(func() {
				done, err := o.Import(t.Context(), b, false)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				added += len(done.New)
				mu.Unlock()
			})
		}
		all.Wait()
		same(t, "taken in", added, 2)
		same(t, "told", len(o.told(billing.TellStatement)), 2)
	})
}

// Whatever is wrong with a folder is said, with its file and line, and nothing of it is taken in.
func TestWhatIsWrongWithAFolder(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		const invoices, lines = billing.InvoicesFile, billing.LinesFile
		f, long := october(), strings.Repeat("x", 61)
		without := func(name string) fstest.MapFS {
			out := change(f, invoices, "", "")
			delete(out, name)
			return out
		}
		shrunk := change(f, "F-1.pdf", "%PDF-1.4 F-1", "%PDF")
		folderPDF := without("F-1.pdf")
		folderPDF["F-1.pdf"] = &fstest.MapFile{Mode: fs.ModeDir}
		large := change(f, "F-1.pdf", "F-1", strings.Repeat("x", 1000))
		many := folder(bill("F-1", "A1", "2026-10-31", "EUR", slices.Repeat([]billing.Line{line("office", "", 1, 1, "2026-10")}, 2001)...))
		for name, c := range map[string]struct {
			files fstest.MapFS
			want  string
		}{
			"no invoices":        {without(invoices), "invoices.csv: is not there"},
			"no lines":           {without(lines), "lines.csv: is not there"},
			"a column":           {change(f, invoices, ",gross", ",total"), `invoices.csv: line 1: names no column "gross"`},
			"a column of lines":  {change(f, lines, "vat_rate", "vat"), `lines.csv: line 1: names no column "vat_rate"`},
			"a short line":       {change(f, lines, "F-1,storage,CF-2", "F-1,storage"), "lines.csv: line 3: has 7 columns, and not 8"},
			"no number":          {change(f, invoices, "F-1,", ","), `invoices.csv: line 2: has "" in number`},
			"a path":             {change(f, invoices, "F-1,", "../F-1,"), `invoices.csv: line 2: has "../F-1" in number`},
			"a dot at the end":   {change(f, invoices, "F-1,", "F-1.,"), `invoices.csv: line 2: has "F-1." in number`},
			"twice":              {change(f, invoices, "G-1,", "F-1,"), "invoices.csv: line 3: has the number of line 2, F-1"},
			"an account":         {change(f, invoices, "A1", "A9"), `invoices.csv: line 2: names the billing account "A9", which is no organization's in the configuration`},
			"a date":             {change(f, invoices, "2026-10-31", "31/10/2026"), `invoices.csv: line 2: has "31/10/2026" in date: write a day, such as 2026-10-31`},
			"a day there is not": {change(f, invoices, "2026-11-01", "2026-11-31"), `invoices.csv: line 2: has "2026-11-31" in due`},
			"another century":    {change(f, invoices, "2026-10-31", "1926-10-31"), `invoices.csv: line 2: has "1926-10-31" in date`},
			"due before":         {change(f, invoices, "2026-11-01", "2026-10-30"), "invoices.csv: line 2: is due on 2026-10-30, before its date, 2026-10-31"},
			"a currency":         {change(f, invoices, "EUR", "EURO"), `invoices.csv: line 2: has "EURO" in currency: write one of ISO 4217, such as EUR`},
			"an amount":          {change(f, invoices, "78.25", "78.251"), `invoices.csv: line 2: has "78.251" in net: write an amount of EUR, such as 12.50`},
			"another amount":     {change(f, invoices, "93.90", "1e3"), `invoices.csv: line 2: has "1e3" in gross`},
			"VAT":                {change(f, invoices, "20:15.65", "20%"), `invoices.csv: line 2: has "20%" in vat`},
			"a rate":             {change(f, invoices, "20:15.65", "200:15.65"), `invoices.csv: line 2: has "200" in vat: write a rate from 0 to 100`},
			"a rate twice":       {change(f, invoices, "20:15.65", "20:15.65 20.0:0"), "invoices.csv: line 2: has the rate 20 twice in vat"},
			"no PDF":             {without("F-1.pdf"), "invoices.csv: line 2: has no PDF: F-1.pdf is not there"},
			"a folder for a PDF": {folderPDF, "invoices.csv: line 2: has no PDF: F-1.pdf is no file"},
			"an empty PDF":       {change(f, "F-1.pdf", "%PDF-1.4 F-1", ""), "invoices.csv: line 2: has a PDF that is none: F-1.pdf does not begin with %PDF-"},
			"a short PDF":        {shrunk, "invoices.csv: line 2: has a PDF that is none"},
			"no PDF at all":      {change(f, "F-1.pdf", "%PDF", "MZ"), "invoices.csv: line 2: has a PDF that is none"},
			"a large PDF":        {large, "invoices.csv: line 2: has a PDF of 1009 bytes, F-1.pdf: guichet keeps files of 1000 at most"},
			"nobody's line":      {change(f, lines, "F-1,storage", "F-9,storage"), `lines.csv: line 3: names the invoice "F-9", which is not in invoices.csv, or wrong there`},
			"a service":          {change(f, lines, "storage", "fax"), `lines.csv: line 3: names the service "fax", which is not in the configuration`},
			"a centre":           {change(f, lines, "CF-1", long), "lines.csv: line 2: has a centre that is too long"},
			"a centre of a sort": {change(f, lines, "CF-1", "\"C\nF\""), "lines.csv: line 2: has a centre that is too long, or no plain words"},
			"a quantity":         {change(f, lines, ",12,", ",1.5,"), `lines.csv: line 2: has "1.5" in quantity: write a whole number`},
			"none":               {change(f, lines, ",12,", ",0,"), `lines.csv: line 2: has "0" in quantity`},
			"far too many":       {change(f, lines, ",12,", ",1000001,"), `lines.csv: line 2: has "1000001" in quantity`},
			"a price":            {change(f, lines, ",5.60,", ",5.605,"), `lines.csv: line 2: has "5.605" in unit_price`},
			"a period":           {change(f, lines, "2026-10-01..2026-10-31", "October"), `lines.csv: line 2: has "October" in period: write a month`},
			"a period backward":  {change(f, lines, "2026-10-01..2026-10-31", "2026-10-31..2026-10-01"), `lines.csv: line 2: has "2026-10-31..2026-10-01" in period`},
			"a month":            {change(f, lines, "2026-10-01..2026-10-31", "2026-13"), `lines.csv: line 2: has "2026-13" in period`},
			"a line's rate":      {change(f, lines, ",20,67.20", ",-1,67.20"), `lines.csv: line 2: has "-1" in vat_rate`},
			"a line's net":       {change(f, lines, "67.20", "67.21"), "lines.csv: line 2: has 67.21 in net: 12 times 5.60 is 67.20"},
			"an invoice's net":   {change(f, invoices, "78.25", "78.26"), "invoices.csv: line 2: has 78.26 in net: its lines come to 78.25"},
			"an invoice's VAT":   {change(f, invoices, "20:15.65", "20:15.66"), "invoices.csv: line 2: has 15.66 in vat at 20: its lines come to 15.65"},
			"an invoice's gross": {change(f, invoices, "93.90", "93.91"), "invoices.csv: line 2: has 93.91 in gross: net and VAT of its lines come to 93.90"},
			"no VAT":             {change(f, invoices, "20:15.65", ""), "invoices.csv: line 2: says nothing in vat of the rate 20, which is 15.65 in its lines"},
			"VAT of no line":     {change(f, invoices, "20:15.65", "20:15.65 5.5:0"), "invoices.csv: line 2: has the rate 5.5 in vat, which none of its lines has"},
			"a line's own rate":  {change(f, lines, ",20,67.20", ",5.5,67.20"), "invoices.csv: line 2: says nothing in vat of the rate 5.5, which is 3.70 in its lines"},
			"no lines of one":    {change(f, lines, "G-1,office,,1,5.60,2026-10-01..2026-10-31,20,5.60\n", ""), "invoices.csv: line 3: has no lines in lines.csv"},
			"too many lines":     {many, "lines.csv: line 2002: is line 2001 of invoice F-1: an invoice has 2000 at most"},
		} {
			if _, err := o.Read(c.files); err == nil || !strings.Contains("\n"+err.Error(), "\n"+c.want) {
				t.Errorf("%s: %v, want %q", name, err, c.want)
			}
		}

		// All of it at once, and one mistake is told once: sums that follow from it are left alone.
		both := change(change(f, invoices, "A1", "A9"), lines, "67.20", "67.21")
		_, err := o.Read(change(both, lines, "G-1,office", "G-1,fax"))
		same(t, "all that is wrong", fmt.Sprint(err), `invoices.csv: line 2: names the billing account "A9", which is no organization's in the configuration
lines.csv: line 2: has 67.21 in net: 12 times 5.60 is 67.20
lines.csv: line 5: names the service "fax", which is not in the configuration`)
	})
}
