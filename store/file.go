package store

import (
	"errors"
	"fmt"
	"os"
)

// ErrGone is returned once the file of an SQLite database is no longer where it was: deleted, moved
// or replaced. SQLite itself would go on writing into a file that nobody finds again.
var ErrGone = errors.New("store: the database's file is gone or was replaced: put it back, and start again")

// file is that of an open SQLite database.
type file struct {
	path string
	is   os.FileInfo
}

func opened(path string) (*file, error) {
	is, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("store: can't open the database: %w", err)
	}
	return &file{path, is}, nil
}

// there fails once the file is gone. A nil file, of another database, never is.
func (f *file) there() error {
	if f == nil {
		return nil
	}
	if now, err := os.Stat(f.path); err != nil || !os.SameFile(f.is, now) {
		return ErrGone
	}
	return nil
}
