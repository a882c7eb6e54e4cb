package main

import (
	"math"
	"testing"
)

func TestMedianAndRatios(t *testing.T) {
	for _, tt := range []struct {
		got, want float64
	}{
		{figures{3, 1, 2}.median(), 2},
		{figures{4, 1, 2, 3}.median(), 2.5},
		{figures{10, 30}.over(figures{5, 10}).median(), 2.5}, // round by round
	} {
		if tt.got != tt.want {
			t.Errorf("got %g, want %g", tt.got, tt.want)
		}
	}
	if !math.IsNaN(figures{}.median()) {
		t.Error("nothing has a median")
	}
}

func TestNumbersAreShort(t *testing.T) {
	for x, want := range map[float64]string{0.123: "0.12", 12.34: "12.3", 123.4: "123", 1234.5: "1,235", 12004: "12,004", 1999.6: "2,000", 1_000_000: "1,000,000"} {
		if got := number(x); got != want {
			t.Errorf("number(%g) = %s, want %s", x, got, want)
		}
	}
}

// What is measured is a form of 5 KB, and each is another's.
func TestForm(t *testing.T) {
	s := newSender()
	if n := len(s.body); n < 4500 || n > 5500 {
		t.Errorf("the form has %d bytes", n)
	}
	if len(nonce(0)) != len(nonceMark) || account(0) != userMark {
		t.Error("the marks are not as wide as what replaces them")
	}
}
