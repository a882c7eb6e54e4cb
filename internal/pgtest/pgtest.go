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

	name := "guichet_" + strings.ToLower(rand.Text())
	exec(t, address, "CREATE DATABASE "+pq.QuoteIdentifier(name))
	t.Cleanup(func() {
		// FORCE, because a test that failed halfway may have left connections open.
		exec(t, address, "DROP DATABASE "+pq.QuoteIdentifier(name)+" WITH (FORCE)")
	})

	u.Path = "/" + name
	return u.String()
}

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
