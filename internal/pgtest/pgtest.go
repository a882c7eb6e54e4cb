// Package pgtest gives a test an empty PostgreSQL database of its own.
//
// The server behind it is started once for a whole test run by the command in
// the folder "with"; this package only creates and drops databases on it.
package pgtest

import (
	"crypto/rand"
	"database/sql"
	"errors"
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
		exec(t, share(t, u.String()), "CREATE DATABASE "+pq.QuoteIdentifier(name))
		u.Path = "/" + name
		if err := errors.Join(fill(u.String()), connect(u.String())); err != nil {
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
	admin := share(t, u.String())
	name := "guichet_" + strings.ToLower(rand.Text())
	exec(t, admin, "CREATE DATABASE "+pq.QuoteIdentifier(name)+" TEMPLATE "+pq.QuoteIdentifier(of)+byFile(t, admin))
	t.Cleanup(func() {
		// FORCE, because a test that failed halfway may have left connections open.
		exec(t, admin, "DROP DATABASE "+pq.QuoteIdentifier(name)+" WITH (FORCE)")
	})
	u.Path = "/" + name
	return u.String()
}

// connect connects to a database once: whoever does so first after a change leaves a cache of the catalog behind, with
// which connections to copies begin sooner.
func connect(address string) error {
	db, err := sql.Open("postgres", address)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.Ping()
}

// byFile has a database copied file by file, which takes a quarter of the time of the way that PostgreSQL prefers since
// version 15. Before, it knew no other.
func byFile(t testing.TB, admin *sql.DB) string {
	version.Do(func() {
		if err := admin.QueryRow("SELECT current_setting('server_version_num')::int").Scan(&major); err != nil {
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

// shared is a handle on the server for all tests that run: a connection costs PostgreSQL a process, which takes some
// machines longer than copying a database does. It is closed with the last of them, so that nothing stays open.
var shared struct {
	sync.Mutex
	db    *sql.DB
	users int
}

// share is that handle, until the test ends.
func share(t testing.TB, address string) *sql.DB {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.users == 0 {
		db, err := sql.Open("postgres", address)
		if err != nil {
			t.Fatalf("pgtest: %v", err)
		}
		shared.db = db
	}
	shared.users++
	t.Cleanup(func() {
		shared.Lock()
		defer shared.Unlock()
		if shared.users--; shared.users == 0 {
			_ = shared.db.Close()
		}
	})
	return shared.db
}

// exec runs one statement.
func exec(t testing.TB, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("pgtest: %s: %v", statement, err)
	}
}
