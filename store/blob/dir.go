package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Dir keeps files in a folder of this machine. Nothing in it leads out of the folder, not even a link
// that somebody put there.
type Dir struct{ root *os.Root }

// OpenDir opens a folder, and makes it if it is not there.
func OpenDir(name string) (*Dir, error) {
	if err := os.MkdirAll(name, 0o700); err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	return &Dir{root}, nil
}

// Close lets go of the folder.
func (d *Dir) Close() error { return d.root.Close() }

// Put implements Place. The bytes are written under another name first: what is found under the key
// is whole.
func (d *Dir) Put(ctx context.Context, key string, from io.Reader, size int64) (err error) {
	if !isKey(key) {
		return errKey
	}
	partial := NewKey() + ".part"
	f, err := d.root.OpenFile(partial, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	defer func() {
		if err != nil {
			f.Close()
			_ = d.root.Remove(partial)
		}
	}()
	n, err := io.Copy(f, io.LimitReader(from, size+1))
	switch {
	case err != nil:
		return fmt.Errorf("blob: %w", err)
	case n != size:
		return errSize
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	if err := d.root.Rename(partial, key); err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	return d.sync()
}

// Open implements Place.
func (d *Dir) Open(_ context.Context, key string) (io.ReadCloser, int64, error) {
	if !isKey(key) {
		return nil, 0, errKey
	}
	f, err := d.root.Open(key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, ErrMissing
	} else if err != nil {
		return nil, 0, fmt.Errorf("blob: %w", err)
	}
	about, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, fmt.Errorf("blob: %w", err)
	}
	return f, about.Size(), nil
}

// Delete implements Place.
func (d *Dir) Delete(_ context.Context, key string) error {
	if !isKey(key) {
		return errKey
	}
	if err := d.root.Remove(key); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("blob: %w", err)
	}
	return nil
}

// sync makes the folder remember its new name: without it a power cut can lose a file that is whole.
func (d *Dir) sync() error {
	folder, err := d.root.Open(".")
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	return nil
}

var _ Place = (*Dir)(nil)
