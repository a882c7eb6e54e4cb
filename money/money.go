// Package money reckons with amounts of money: whole minor units of a currency (cents, of euros), never floating point.
package money

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/bojanz/currency"
)

// Amount is so much of a currency. The zero Amount is nothing, of any currency.
type Amount struct {
	Minor    int64  // in the currency's minor unit
	Currency string // ISO 4217, such as EUR
}

// Most is how much an amount that comes from outside may be, in minor units either way: a million times that can still be reckoned with.
const Most = 1_000_000_000_000

// ErrInvalid is a text that is no amount, or one beyond Most.
var ErrInvalid = errors.New("money: not an amount")

// Known says whether a currency is one of ISO 4217.
func Known(code string) bool { return currency.IsValid(code) }

// Parse reads an amount such as 1234.5, with a point or a comma before what is less than one, and no other signs but a minus. More places
// than the currency has are refused: nobody is to guess how they were meant.
func Parse(text, code string) (Amount, error) {
	n := strings.Replace(text, ",", ".", 1)
	whole, part, _ := strings.Cut(strings.TrimPrefix(n, "-"), ".")
	a, err := currency.NewAmount(n, code)
	digits, _ := currency.GetDigits(code)
	if err != nil || !isDigits(whole) || part != "" && !isDigits(part) || len(part) > int(digits) || strings.HasSuffix(n, ".") {
		return Amount{}, fmt.Errorf("%w: %q %s", ErrInvalid, text, code)
	}
	minor, err := a.Int64()
	if err != nil || minor > Most || minor < -Most {
		return Amount{}, fmt.Errorf("%w: %q %s is too much", ErrInvalid, text, code)
	}
	return Amount{minor, code}, nil
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// Plus is the sum of two amounts. Of two currencies there is none: that is a fault of the caller's, and panics.
func (a Amount) Plus(b Amount) Amount {
	switch {
	case a == Amount{}:
		return b
	case b == Amount{}:
		return a
	}
	return must(a.of().Add(b.of()))
}

// Minus is what is left of an amount without another.
func (a Amount) Minus(b Amount) Amount { return a.Plus(Amount{-b.Minor, b.Currency}) }

// Times is an amount n times.
func (a Amount) Times(n int64) Amount { return must(a.of().Mul(strconv.FormatInt(n, 10))) }

// Rate is so much of a hundred, in hundredths: 550 is 5.5 %.
type Rate int64

// ParseRate reads a rate from 0 to 100, such as 5.5.
func ParseRate(text string) (Rate, error) {
	a, err := Parse(text, "EUR") // which has two places, as a rate
	if err != nil || a.Minor < 0 || a.Minor > 10_000 {
		return 0, fmt.Errorf("money: %q is not a rate from 0 to 100", text)
	}
	return Rate(a.Minor), nil
}

// String is a rate as ParseRate reads it, with no more places than it takes.
func (r Rate) String() string {
	text := fmt.Sprintf("%d.%02d", r/100, r%100)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// Percent is so much of an amount, rounded to the minor unit; half a unit is rounded away from zero, as invoices in France are.
func (a Amount) Percent(r Rate) Amount {
	part, err := a.of().Mul(fmt.Sprintf("%d.%04d", r/10_000, r%10_000))
	digits, _ := currency.GetDigits(a.Currency)
	return must(part.RoundTo(digits, currency.RoundHalfUp), err)
}

// String is an amount as Parse reads it.
func (a Amount) String() string { return a.of().Number() }

// In is an amount as it is written in a language.
func (a Amount) In(language string) string {
	return currency.NewFormatter(currency.NewLocale(language)).Format(a.of())
}

// Less says whether an amount is less than another of its currency.
func (a Amount) Less(b Amount) bool { return a.Minor < b.Minor }

// of is the library's own.
func (a Amount) of() currency.Amount {
	if a.Currency == "" {
		a.Currency = "EUR" // of nothing it makes no difference
	}
	out, err := currency.NewAmountFromInt64(a.Minor, a.Currency)
	if err != nil {
		panic("money: " + err.Error())
	}
	return out
}

// must is an amount of the library's as ours. Its errors are those of a caller.
func must(a currency.Amount, err error) Amount {
	var minor int64
	if err == nil {
		minor, err = a.Int64()
	}
	if err != nil {
		panic("money: " + err.Error())
	}
	return Amount{minor, a.CurrencyCode()}
}

// Units is an amount in whole units of its currency, half a unit rounded away from zero: for where cents would be too much to see.
func (a Amount) Units() int64 {
	whole, err := a.of().RoundTo(0, currency.RoundHalfUp).Int64()
	if err != nil {
		panic("money: " + err.Error())
	}
	digits, _ := currency.GetDigits(a.of().CurrencyCode())
	for range digits {
		whole /= 10
	}
	return whole
}
