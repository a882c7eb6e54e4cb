package license

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"guichet/sheet"
	"guichet/store"
)

// Imported is the act of a movement that an estate begins with.
const Imported = "import"

// Columns of a file to import, in any order, as its first line names them. The numbers are those of licenses: all that are ordered, of
// these the activated ones, and of these the assigned ones.
var columns = []string{"organization", "license", "ordered", "activated", "assigned"}

// mostOf is how many licenses of one sort an organization may have: above it, somebody has mistyped.
const mostOf = 1_000_000

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
// of it is taken in or, of a file in which something is wrong, nothing: the error joins a sheet.LineError for each. A license of which
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
				wrong = append(wrong, sheet.LineError{Line: r.line, Text: fmt.Sprintf("%s has %d ordered, %d activated, %d assigned of %s already: an import changes nothing that is there",
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
				return sheet.LineError{Line: r.line, Text: fmt.Sprintf("%s has been given %s this very moment: try again", r.organization, r.license)}
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
	lines, err := sheet.Read(file, columns...)
	wrong := []error{err}
	for _, l := range lines {
		r, problem := d.row(l.Get)
		r.line = l.Line
		if i := slices.IndexFunc(rows, func(o row) bool { return o.organization == r.organization && o.license == r.license }); i >= 0 && problem == "" {
			problem = fmt.Sprintf("is about the same as line %d", rows[i].line)
		}
		if problem != "" {
			wrong = append(wrong, sheet.LineError{Line: l.Line, Text: problem})
			continue
		}
		rows = append(rows, r)
	}
	return rows, errors.Join(wrong...)
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
