// Package sheet reads tables that people keep in a spreadsheet, as CSV files.
package sheet

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// LineError is what is wrong with a line of a file.
type LineError struct {
	Line int
	Text string
}

func (e LineError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text) }

// Row is a line of a table.
type Row struct {
	Line   int // in the file, from 1
	at     map[string]int
	fields []string
}

// Get is what stands in a column, without space around it.
func (r Row) Get(column string) string { return strings.TrimSpace(r.fields[r.at[column]]) }

// Reader reads a file's lines, as many fields as each has: with a comma between them or, as Excel writes in French, a semicolon; in UTF-8, or as an
// older Excel writes it.
func Reader(file []byte) *csv.Reader {
	text := strings.TrimPrefix(string(file), "\ufeff") // as Excel begins its files
	if !utf8.ValidString(text) {
		text, _ = charmap.Windows1252.NewDecoder().String(text) // which takes any byte
	}
	in := csv.NewReader(strings.NewReader(text))
	if first, _, _ := strings.Cut(text, "\n"); strings.Count(first, ";") > strings.Count(first, ",") {
		in.Comma = ';'
	}
	in.FieldsPerRecord = -1
	return in
}

// Read reads a table whose first line names these columns, in any order, and maybe others. The error joins what is wrong; the rows are those that are whole all the same.
func Read(file io.Reader, columns ...string) (rows []Row, err error) {
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	in := Reader(text)
	head, err := in.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	at := map[string]int{}
	for i, name := range head {
		at[strings.ToLower(strings.TrimSpace(name))] = i
	}
	for _, name := range columns {
		if _, ok := at[name]; !ok {
			return nil, LineError{1, fmt.Sprintf("names no column %q: there must be %s", name, strings.Join(columns, ", "))}
		}
	}
	var wrong []error
	for {
		fields, err := in.Read()
		switch {
		case errors.Is(err, io.EOF):
			return rows, errors.Join(wrong...)
		case err != nil: // what follows can't be told apart
			return rows, errors.Join(append(wrong, err)...)
		}
		line, _ := in.FieldPos(0)
		if len(fields) != len(head) {
			wrong = append(wrong, LineError{line, fmt.Sprintf("has %d columns, and not %d", len(fields), len(head))})
			continue
		}
		rows = append(rows, Row{line, at, fields})
	}
}
