package money

import (
	"errors"
	"testing"

	"pgregory.net/rapid"
)

func TestAmountsAreRead(t *testing.T) {
	for text, want := range map[string]int64{"12.50": 1250, "12,5": 1250, "0": 0, "-3.07": -307, "1000000": 100_000_000} {
		if a, err := Parse(text, "EUR"); err != nil || a.Minor != want {
			t.Errorf("%q is read as %v, %v", text, a, err)
		}
	}
	for _, text := range []string{"", "12.345", "1 000", "1,000.00", "1e3", "NaN", "Infinity", "+1", ".5", "5.", "--1", "12€", "99999999999999999999"} {
		if a, err := Parse(text, "EUR"); !errors.Is(err, ErrInvalid) {
			t.Errorf("%q is read as %v, %v", text, a, err)
		}
	}
	if _, err := Parse("1", "XXY"); err == nil {
		t.Error("a currency that there is not")
	}
	if a, err := Parse("100", "JPY"); err != nil || a.Minor != 100 {
		t.Errorf("yen have no minor unit: %v, %v", a, err)
	}
}

// Half a cent is rounded away from zero.
func TestPercent(t *testing.T) {
	for _, c := range []struct {
		minor int64
		rate  Rate
		want  int64
	}{{1000, 2000, 200}, {1, 2000, 0}, {3, 2000, 1}, {25, 1000, 3}, {-25, 1000, -3}, {1810, 550, 100}, {1809, 550, 99}, {100, 10_000, 100}, {100, 0, 0}} {
		if got := (Amount{c.minor, "EUR"}).Percent(c.rate); got.Minor != c.want {
			t.Errorf("%v %% of %d is %d, and not %d", c.rate, c.minor, got.Minor, c.want)
		}
	}
	// Against whole numbers.
	rapid.Check(t, func(t *rapid.T) {
		minor, rate := rapid.Int64Range(-Most, Most).Draw(t, "minor"), rapid.Int64Range(0, 10_000).Draw(t, "rate")
		sign := int64(1)
		if minor < 0 {
			sign = -1
		}
		want := sign * ((sign*minor*rate + 5000) / 10_000)
		if got := (Amount{minor, "EUR"}).Percent(Rate(rate)); got.Minor != want {
			t.Fatalf("%d, and not %d", got.Minor, want)
		}
	})
}

func TestRates(t *testing.T) {
	for text, want := range map[string]Rate{"20": 2000, "5.5": 550, "2,1": 210, "0": 0, "100": 10_000} {
		r, err := ParseRate(text)
		if err != nil || r != want {
			t.Errorf("%q is read as %v, %v", text, r, err)
		}
		if again, err := ParseRate(r.String()); err != nil || again != r {
			t.Errorf("%v is written as %q", r, r.String())
		}
	}
	for _, text := range []string{"", "-1", "101", "5.555", "x"} {
		if _, err := ParseRate(text); err == nil {
			t.Errorf("%q is read", text)
		}
	}
}

func TestSums(t *testing.T) {
	a := Amount{1250, "EUR"}
	if got := a.Times(12).Plus(a).Minus(a.Times(3)); got != a.Times(10) {
		t.Errorf("it comes to %v", got)
	}
	if (Amount{}).Plus(a) != a || a.Plus(Amount{}) != a {
		t.Error("nothing adds something")
	}
	if a.String() != "12.50" || a.Times(100).In("en") != "€1,250.00" || a.Times(100).In("fr") != "1\u202f250,00\u00a0€" {
		t.Errorf("it is written %s, %q, %q", a, a.Times(100).In("en"), a.Times(100).In("fr"))
	}
	defer func() {
		if recover() == nil {
			t.Error("euros and dollars have a sum")
		}
	}()
	a.Plus(Amount{1, "USD"})
}
