package sheet_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"guichet/sheet"
)

func read(text string) (string, error) {
	rows, err := sheet.Read(strings.NewReader(text), "name", "quantity")
	var all []string
	for _, r := range rows {
		all = append(all, fmt.Sprintf("%d %s %s", r.Line, r.Get("name"), r.Get("quantity")))
	}
	return strings.Join(all, ", "), err
}

func TestTablesAsPeopleMakeThem(t *testing.T) {
	for text, want := range map[string]string{
		"name,quantity\noffice,12\n":                              "2 office 12",
		"\ufeffQuantity ;NAME;what else\r\n12; office ;x\r\n":     "2 office 12",
		"name,quantity\n\n\"a\nb\",1\nc,2":                        "3 a\nb 1, 5 c 2",
		"name,quantity\n":                                         "",
		"name;quantity\n\"Office; Storage\";\"1,5\"\n":            "2 Office; Storage 1,5",
		"quantity,name,name\n1,first,second\n":                    "2 second 1",
		"name,quantity\n" + strings.Repeat("x", 100_000) + ",1\n": "2 " + strings.Repeat("x", 100_000) + " 1",
	} {
		if got, err := read(text); err != nil || got != want {
			t.Errorf("%.40q is %.40q, %v", text, got, err)
		}
	}
}

// What is wrong is all said, and what is whole is read.
func TestTablesThatAreNone(t *testing.T) {
	for text, c := range map[string]struct{ rows, wrong string }{
		"":                                  {"", `line 1: names no column "name": there must be name, quantity`},
		"name\n":                            {"", `line 1: names no column "quantity": there must be name, quantity`},
		"name,quantity\na\nb,1\nc,2,3\n":    {"3 b 1", "line 2: has 1 columns, and not 2\nline 4: has 3 columns, and not 2"},
		"name,quantity\na\nb,1\n\"c,2\nd,3": {"3 b 1", "line 2: has 1 columns, and not 2\nrecord on line 4; parse error on line 5, column 4: extraneous or missing \" in quoted-field"},
	} {
		rows, err := read(text)
		if err == nil || rows != c.rows || err.Error() != c.wrong {
			t.Errorf("%q: %q, %v", text, rows, err)
		}
	}
	var line sheet.LineError
	if _, err := read("name,quantity\na\n"); !errors.As(err, &line) || line.Line != 2 {
		t.Errorf("it is in %v", err)
	}
	broken := errors.New("broken")
	if _, err := sheet.Read(failing{broken}, "name"); !errors.Is(err, broken) {
		t.Errorf("it says %v", err)
	}
}

type failing struct{ error }

func (f failing) Read([]byte) (int, error) { return 0, f.error }
