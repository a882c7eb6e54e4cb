package license

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"guichet/store"
)

// Imported is the act of a movement that an estate begins with.
const Imported = "import"

// Columns of a file to import, in any order, as its first line names them. The numbers are those of licenses: all that are ordered, of
// these the activated ones, and of these the assigned ones.
var columns = []string{"organization", "license", "ordered", "activated", "assigned"}

// mostOf is how many licenses of one sort an organization may have: above it, somebody has mistyped.
const mostOf = 1_000_000

// LineError is what is wrong with a line of a file.
type LineError struct {
	Line int
	Text string
}

func (e LineError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text) }

// row is a line of such a file.
type row struct {
	line                  int
	organization, license string
	store.Counts
}

// Import is what an import did, or would do.
type Import struct {
	New       []Opening // what organizations begin with
	Unchanged int       // lines that say what there is already
}

// Opening is what an organization begins with of a license.
type Opening struct {
	Organization string
	License      string
	store.Counts
}

// Import starts organizations with what they have already, from a CSV file with a comma or a semicolon between its columns. Either all
// of it is taken in or, of a file in which something is wrong, nothing: the error joins a LineError for each. A license of which
// anything has moved since is not overwritten. With dry, nothing is written.
func (d *Desk) Import(ctx context.Context, file io.Reader, dry bool) (done Import, err error) {
	rows, err := d.read(file)
	if err != nil {
		return done, err
	}
	in := d.db.Write
	if dry {
		in = d.db.Read
	}
	err = in(ctx, func(tx *store.Tx) error {
		done = Import{}
		var wrong []error
		for _, r := range rows {
			h, err := tx.Holding(ctx, r.organization, r.license)
			switch {
			case err != nil:
				return err
			case h.Counts == r.Counts:
				done.Unchanged++
				continue
			case h.Seq > 0:
				wrong = append(wrong, LineError{r.line, fmt.Sprintf("%s has %d ordered, %d activated, %d assigned of %s already: an import changes nothing that is there",
					r.organization, h.Ordered, h.Activated, h.Assigned, r.license)})
				continue
			}
			done.New = append(done.New, Opening{r.organization, r.license, r.Counts})
			if dry {
				continue
			}
			now, err := d.move(ctx, tx, store.Movement{Organization: r.organization, License: r.license, Act: Imported, Counts: r.Counts, Source: "import"})
			if err != nil {
				return err
			}
			if now.Seq != 1 { // another import was quicker
				return LineError{r.line, fmt.Sprintf("%s has been given %s this very moment: try again", r.organization, r.license)}
			}
		}
		return errors.Join(wrong...)
	})
	if err != nil {
		done = Import{}
	}
	return done, err
}

// read reads a file, and says everything that is wrong with its lines.
func (d *Desk) read(file io.Reader) (rows []row, err error) {
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	in := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(text), "\ufeff"))) // as Excel begins its files
	if first, _, _ := strings.Cut(string(text), "\n"); strings.Count(first, ";") > strings.Count(first, ",") {
		in.Comma = ';' // as it does in French
	}
	in.FieldsPerRecord = -1
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
		if errors.Is(err, io.EOF) {
			return rows, errors.Join(wrong...)
		}
		if err != nil {
			return nil, errors.Join(append(wrong, err)...)
		}
		line, _ := in.FieldPos(0)
		if len(fields) != len(head) {
			wrong = append(wrong, LineError{line, fmt.Sprintf("has %d columns, and not %d", len(fields), len(head))})
			continue
		}
		r, problem := d.row(func(name string) string { return strings.TrimSpace(fields[at[name]]) })
		r.line = line
		if i := slices.IndexFunc(rows, func(o row) bool { return o.organization == r.organization && o.license == r.license }); i >= 0 && problem == "" {
			problem = fmt.Sprintf("is about the same as line %d", rows[i].line)
		}
		if problem != "" {
			wrong = append(wrong, LineError{line, problem})
			continue
		}
		rows = append(rows, r)
	}
}

// row reads the fields of one line, and says what is wrong with them.
func (d *Desk) row(field func(string) string) (r row, wrong string) {
	r.organization, r.license = field("organization"), field("license")
	if _, ok := d.people.Catalog().Organization(r.organization); !ok {
		return r, fmt.Sprintf("names the organization %q, which is not in the configuration", r.organization)
	}
	if _, ok := d.catalog.Of(r.license); !ok {
		return r, fmt.Sprintf("names the license %q, which is not in the configuration", r.license)
	}
	for _, n := range []struct {
		name string
		into *int64
	}{{"ordered", &r.Ordered}, {"activated", &r.Activated}, {"assigned", &r.Assigned}} {
		v, err := strconv.ParseInt(field(n.name), 10, 64)
		if err != nil || v < 0 || v > mostOf {
			return r, fmt.Sprintf("has %q in %s: write a number from 0 to %d", field(n.name), n.name, mostOf)
		}
		*n.into = v
	}
	if r.Ordered < r.Activated || r.Activated < r.Assigned {
		return r, fmt.Sprintf("has %d ordered, %d activated, %d assigned: none may be more than the one before", r.Ordered, r.Activated, r.Assigned)
	}
	return r, ""
}
