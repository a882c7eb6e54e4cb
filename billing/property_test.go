package billing_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"guichet/billing"
	"guichet/helpdesk"
	"guichet/money"
)

func TestMain(m *testing.M) {
	_ = flag.Set("rapid.nofailfile", "true")
	os.Exit(m.Run())
}

// Whatever is invoiced rightly is found right, and no single amount of it can be changed unseen.
func TestSumsAreChecked(t *testing.T) {
	t.Parallel()
	people := helpdesk.NewDesk(nil, &helpdesk.Catalog{Services: []helpdesk.Service{{Key: "office"}, {Key: "storage"}}})
	d := billing.NewDesk(nil, people, billing.Settings{Accounts: map[string]string{"A1": "acme"}, Largest: 1000})
	rapid.Check(t, func(t *rapid.T) {
		i, other := anInvoice(t, "F-1"), anInvoice(t, "F-2")
		files := folder(i, other)
		b, err := d.Read(files)
		if err != nil {
			t.Fatal(err)
		}
		i.Organization, i.PDF = "acme", b.Invoices[0].PDF
		if diff := cmp.Diff(i, b.Invoices[0]); diff != "" {
			t.Fatal(diff)
		}
		spoilt, what := changed(t, files)
		if _, err := d.Read(spoilt); err == nil {
			t.Fatalf("%s goes unseen", what)
		}
	})
}

// What was taken in is what is shown.
func TestWhatIsInvoicedIsShown(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		n := 0
		rapid.Check(t, func(t *rapid.T) {
			n++
			want := anInvoice(t, fmt.Sprint("F-", n))
			o.take(folder(want))
			got, err := o.Invoice(context.Background(), o.max, want.Number)
			if err != nil {
				t.Fatal(err)
			}
			want.ID, want.Organization, want.PDF = got.ID, "acme", got.PDF
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatal(diff)
			}
		})
	})
}

// anInvoice is one of some currency, with lines at several rates, of which some are given back.
func anInvoice(t *rapid.T, number string) billing.Invoice {
	currency := rapid.SampledFrom([]string{"EUR", "JPY", "TND"}).Draw(t, "currency") // of two places, of none, of three
	var lines []billing.Line
	for range rapid.IntRange(1, 6).Draw(t, "lines") {
		l := line(rapid.SampledFrom([]string{"office", "storage"}).Draw(t, "service"), rapid.SampledFrom([]string{"", "CF-1"}).Draw(t, "centre"),
			rapid.Int64Range(1, 2000).Draw(t, "quantity"), rapid.Int64Range(-1_000_000, 1_000_000).Draw(t, "unit"), "2026-10")
		l.Rate = money.Rate(rapid.SampledFrom([]int{0, 210, 550, 2000}).Draw(t, "rate"))
		if rapid.Bool().Draw(t, "back") {
			l.Quantity = -l.Quantity
		}
		lines = append(lines, l)
	}
	return bill(number, "A1", "2026-10-31", currency, lines...)
}

// changed is a folder with one amount changed by some minor units.
func changed(t *rapid.T, files fstest.MapFS) (fstest.MapFS, string) {
	file := rapid.SampledFrom([]string{billing.InvoicesFile, billing.LinesFile}).Draw(t, "file")
	rows := strings.Split(strings.TrimSpace(string(files[file].Data)), "\n")
	n := rapid.IntRange(1, len(rows)-1).Draw(t, "row")
	fields := strings.Split(rows[n], ",")
	columns := []int{5, 6, 7} // net, vat, gross
	if file == billing.LinesFile {
		columns = []int{4, 7} // unit_price, net
	}
	at := rapid.SampledFrom(columns).Draw(t, "column")
	was, rate := fields[at], ""
	if file == billing.InvoicesFile && at == 6 {
		pairs := strings.Fields(was)
		i := rapid.IntRange(0, len(pairs)-1).Draw(t, "pair")
		rate, was, _ = strings.Cut(pairs[i], ":")
		a := moved(t, was)
		pairs[i] = rate + ":" + a
		fields[at] = strings.Join(pairs, " ")
	} else {
		fields[at] = moved(t, was)
	}
	what := fmt.Sprintf("%s, row %d: %q in place of %q", file, n, fields[at], was)
	rows[n] = strings.Join(fields, ",")
	out := fstest.MapFS{}
	for name, f := range files {
		out[name] = f
	}
	out[file] = &fstest.MapFile{Data: []byte(strings.Join(rows, "\n"))}
	return out, what
}

// moved is another amount, with as many places.
func moved(t *rapid.T, text string) string {
	_, part, _ := strings.Cut(text, ".")
	currency := map[int]string{0: "JPY", 2: "EUR", 3: "TND"}[len(part)]
	a, err := money.Parse(text, currency)
	if err != nil {
		t.Fatal(err)
	}
	by := rapid.Int64Range(1, 500).Draw(t, "by")
	if rapid.Bool().Draw(t, "less") {
		by = -by
	}
	a.Minor += by
	return a.String()
}
