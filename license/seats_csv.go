package license

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"guichet/sheet"
)

// MostSeatRows is how many lines a list of people may have who are to be given licenses, and MostSeatBytes how long it may be.
const (
	MostSeatRows  = 1_000
	MostSeatBytes = 1 << 20
)

// What is wrong with a line of such a list, in one word for which the bot has others.
const (
	SeatNoColumn   = "no_column"  // the first line does not name a column that there must be: Value
	SeatBroken     = "broken"     // it is no CSV
	SeatEmpty      = "empty"      // there is no line but the first
	SeatTooMany    = "too_many"   // there are more than MostSeatRows
	SeatColumns    = "columns"    // it has fewer columns than the first line, or more
	SeatNobody     = "nobody"     // it names nobody
	SeatUnknown    = "unknown"    // nobody is known by that name here
	SeatSeveral    = "several"    // several people are called so
	SeatBadMail    = "bad_mail"   // that is no mail address
	SeatNoLicense  = "no_license" // there is no such license, or several are called so
	SeatBadAction  = "bad_action" // that is nothing that can be done
	SeatTwice      = "twice"      // it is about the same as an earlier line: Other
	longestSeatWas = 60           // characters that are quoted of what is wrong
)

// SeatError is what is wrong with a line of a list.
type SeatError struct {
	Line  int
	Code  string
	Value string
	Other int // another line that it is about too
}

// SeatErrors is all that is wrong with a list, of which then nothing is done.
type SeatErrors []SeatError

func (e SeatErrors) Error() string {
	return fmt.Sprintf("license: %d lines of a list are wrong", len(e))
}

// SeatRow is a line of a list as it was written: who is to have a license, or to have it no more. Who is a mail address, a name behind an @,
// a full name, or an account.
type SeatRow struct {
	Line         int
	Who, License string
	Act          string
}

// seatColumns are the columns of a list in any order, as its first line names them in either language.
var seatColumns = map[string][]string{"person": {"person", "personne"}, "license": {"license", "licence"}, "action": {"action"}}

// seatActions are the words for what is to be done; none is the first.
var seatActions = map[string]string{"": Assigned, "assign": Assigned, "affecter": Assigned, "unassign": Unassigned, "désaffecter": Unassigned, "desaffecter": Unassigned}

// ParseSeats reads a list of who is to be given licenses, or to have them no more: a CSV file with a comma or a semicolon between its columns.
// What is wrong with it is a SeatErrors.
func ParseSeats(file []byte) (rows []SeatRow, err error) {
	in := sheet.Reader(file)
	head, err := in.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, SeatErrors{broken(err)}
	}
	at := map[string]int{}
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(name))
		for column, names := range seatColumns {
			if slices.Contains(names, name) {
				at[column] = i
			}
		}
	}
	var wrong SeatErrors
	for _, column := range []string{"person", "license"} {
		if _, ok := at[column]; !ok {
			wrong = append(wrong, SeatError{Line: 1, Code: SeatNoColumn, Value: column})
		}
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	for {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, append(wrong, broken(err))
		}
		line, _ := in.FieldPos(0)
		if len(rows)+len(wrong) == MostSeatRows {
			return nil, SeatErrors{{Line: line, Code: SeatTooMany}}
		}
		if len(fields) != len(head) {
			wrong = append(wrong, SeatError{Line: line, Code: SeatColumns, Value: fmt.Sprint(len(fields)), Other: len(head)})
			continue
		}
		field := func(column string) string {
			if i, ok := at[column]; ok {
				return strings.TrimSpace(fields[i])
			}
			return ""
		}
		r := SeatRow{Line: line, Who: field("person"), License: field("license")}
		act, ok := seatActions[strings.ToLower(field("action"))]
		r.Act = act
		switch {
		case r.Who == "":
			wrong = append(wrong, SeatError{Line: line, Code: SeatNobody})
		case !ok:
			wrong = append(wrong, SeatError{Line: line, Code: SeatBadAction, Value: quotedIn(field("action"))})
		default:
			rows = append(rows, r)
		}
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	if len(rows) == 0 {
		return nil, SeatErrors{{Line: 1, Code: SeatEmpty}}
	}
	return rows, nil
}

// broken says at which line a file is no CSV.
func broken(err error) SeatError {
	e := SeatError{Line: 1, Code: SeatBroken}
	if at := (*csv.ParseError)(nil); errors.As(err, &at) {
		e.Line = at.StartLine
	}
	return e
}

// quotedIn is what is quoted of something that is wrong, on one line.
func quotedIn(s string) string {
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) > longestSeatWas {
		r = append(r[:longestSeatWas-1], '…')
	}
	return string(r)
}
