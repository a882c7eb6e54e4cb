package store

import (
	"context"
	"embed"
	"fmt"
	"os"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the schema up to date. Several copies of the program may call it together: on
// PostgreSQL they take turns by an advisory lock, on SQLite by a lock on a file beside the
// database. It returns the names of the files it applied, none when there was nothing to do.
func (db *DB) Migrate(ctx context.Context) (applied []string, err error) {
	var opts []goose.ProviderOption
	if db.driver == postgres.driver {
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 120)) // every second, for two minutes
		if err != nil {
			return nil, err
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	} else {
		unlock, err := db.lockFile(ctx)
		if err != nil {
			return nil, err
		}
		defer unlock()
	}
	p, err := db.provider(opts...)
	if err != nil {
		return nil, err
	}
	have, newest, err := p.GetVersions(ctx)
	if err != nil {
		return nil, fmt.Errorf("store: migrate: %w", err)
	}
	if have > newest {
		return nil, fmt.Errorf("store: the schema is at version %d, newer than this program's %d: run the program that made it", have, newest)
	}
	results, err := p.Up(ctx)
	if err != nil {
		return nil, fmt.Errorf("store: migrate: %w", err)
	}
	for _, r := range results {
		applied = append(applied, r.Source.Path)
	}
	return applied, db.fillSearch(ctx)
}

func (db *DB) provider(opts ...goose.ProviderOption) (*goose.Provider, error) {
	files, err := db.render(migrations)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(db.goose, db.write.DB, files, append(opts, goose.WithDisableGlobalRegistry(true))...)
}

// Version returns the schema's version, and the newest that this program knows.
func (db *DB) Version(ctx context.Context) (have, newest int64, err error) {
	p, err := db.provider()
	if err != nil {
		return 0, 0, err
	}
	have, newest, err = p.GetVersions(ctx)
	return have, newest, err
}

// lockFile keeps other processes from migrating the same SQLite file meanwhile.
func (db *DB) lockFile(ctx context.Context) (unlock func(), err error) {
	var name string
	if err := db.read.GetContext(ctx, &name, `SELECT file FROM pragma_database_list WHERE name = 'main'`); err != nil {
		return nil, fmt.Errorf("store: find the database's file: %w", err)
	}
	f, err := os.OpenFile(name+"-migrate", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := flock(ctx, f); err != nil {
		return nil, fmt.Errorf("store: wait for another migration: %w", err)
	}
	return func() { _ = f.Close() }, nil // closing releases the lock
}
