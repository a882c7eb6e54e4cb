// Package pgtest gives a test an empty PostgreSQL database of its own.
//
// The server behind it is started once for a whole test run by the command in
// the folder "with"; this package only creates and drops databases on it.
package pgtest

import (
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/lib/pq"
)

// Env names the variable that holds the postgres:// address of a maintenance
// database, on a server where tests may create and drop databases.
const Env = "GUICHET_TEST_POSTGRES"

// URL returns the address of a fresh, empty database that is dropped when the
// test ends. Without a server it fails the test rather than skip it: a run
// that quietly left out PostgreSQL would look green and prove nothing.
func URL(t testing.TB) string {
	t.Helper()
	return create(t, "template1")
}

// Copy is URL for a copy of a database that fill has filled, once for all tests of the process.
func Copy(t testing.TB, fill func(address string) error) string {
	t.Helper()
	template.Do(func() {
		name := "guichet_template_" + strings.ToLower(rand.Text()) // it ends with the server
		u := server(t)
		exec(t, u.String(), "CREATE DATABASE "+pq.QuoteIdentifier(name))
		u.Path = "/" + name
		if err := fill(u.String()); err != nil {
			t.Fatalf("pgtest: %v", err)
		}
		filled = name
	})
	if filled == "" {
		t.Fatal("pgtest: there is no template: see the first test that failed")
	}
	return create(t, filled)
}

var (
	template sync.Once
	filled   string // the template's name
)

// server is where the databases are.
func server(t testing.TB) *url.URL {
	t.Helper()
	address := os.Getenv(Env)
	if address == "" {
		t.Fatalf("%s is not set: run \"make test\", which starts a throw-away PostgreSQL, "+
			"or one package with \"go run guichet/internal/pgtest/with -- go test ./store/...\"", Env)
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		// Not the value itself: it may hold a password.
		t.Fatalf("%s must be a postgres:// address", Env)
	}
	return u
}

// create makes a copy of a database, which is dropped when the test ends.
func create(t testing.TB, of string) string {
	t.Helper()
	u := server(t)
	address := u.String()
	name := "guichet_" + strings.ToLower(rand.Text())
	exec(t, address, "CREATE DATABASE "+pq.QuoteIdentifier(name)+" TEMPLATE "+pq.QuoteIdentifier(of)+byFile(t, address))
	t.Cleanup(func() {
		// FORCE, because a test that failed halfway may have left connections open.
		exec(t, address, "DROP DATABASE "+pq.QuoteIdentifier(name)+" WITH (FORCE)")
	})
	u.Path = "/" + name
	return u.String()
}

// byFile has a database copied file by file, which takes a quarter of the time of the way that PostgreSQL prefers since
// version 15. Before, it knew no other.
func byFile(t testing.TB, address string) string {
	version.Do(func() {
		db, err := sql.Open("postgres", address)
		if err != nil {
			t.Fatalf("pgtest: %v", err)
		}
		defer db.Close()
		if err := db.QueryRow("SELECT current_setting('server_version_num')::int").Scan(&major); err != nil {
			t.Fatalf("pgtest: %v", err)
		}
		major /= 10000
	})
	if major < 15 {
		return ""
	}
	return " STRATEGY FILE_COPY"
}

var (
	version sync.Once
	major   int // the server's version
)

// exec runs one statement over a connection of its own, so that nothing stays
// open between the beginning and the end of a test.
func exec(t testing.TB, address, statement string) {
	t.Helper()
	db, err := sql.Open("postgres", address)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("pgtest: %s: %v", statement, err)
	}
}
