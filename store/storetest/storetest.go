// Package storetest gives tests a real, migrated database of each kind.
package storetest

import (
	"context"
	"hash/crc32"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"guichet/internal/pgtest"
	"guichet/store"
)

// Each runs a test on an empty SQLite database and on an empty PostgreSQL database.
func Each(t *testing.T, test func(t *testing.T, db *store.DB)) {
	t.Helper()
	EachAddress(t, func(t *testing.T, address string) { test(t, Open(t, address)) })
}

// EachAddress runs a test with the address of a migrated database of each kind, which holds nothing. Migrating
// takes a second: it is done once, and copied.
func EachAddress(t *testing.T, test func(t *testing.T, address string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, pgtest.Copy(t, migrate)) })
}

// OneAddress runs a test with the address of such a database of one kind, for tests of what makes no difference
// between the two. Which kind depends on the test's name, so that either has its share of them.
func OneAddress(t *testing.T, test func(t *testing.T, address string)) {
	t.Helper()
	if crc32.ChecksumIEEE([]byte(t.Name()))%2 == 0 {
		t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	} else {
		t.Run("postgres", func(t *testing.T) { test(t, pgtest.Copy(t, migrate)) })
	}
}

// SQLite is the address of such a database, for tests of what makes no difference between the two.
func SQLite(t testing.TB) (address string) {
	t.Helper()
	content, err := sqliteTemplate()
	if err != nil {
		t.Fatal(err)
	}
	address = filepath.Join(t.TempDir(), "guichet.db")
	if err := os.WriteFile(address, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return address
}

// EachUnmigrated runs a test with the address of an empty database of each kind.
func EachUnmigrated(t *testing.T, test func(t *testing.T, address string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, filepath.Join(t.TempDir(), "guichet.db")) })
	t.Run("postgres", func(t *testing.T) { test(t, pgtest.URL(t)) })
}

// sqliteTemplate is the content of a migrated database.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "guichet-template-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	address := filepath.Join(dir, "guichet.db")
	if err := migrate(address); err != nil {
		return nil, err
	}
	return os.ReadFile(address)
})

func migrate(address string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, address)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Migrate(ctx)
	return err
}

// Open opens and migrates a database, and closes it with the test.
func Open(t testing.TB, address string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}
