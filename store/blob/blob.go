// Package blob keeps the bytes of files. What a file is called, whose it is and who may have it is in
// the database: here there are keys and bytes, and a key never holds a name that a person gave.
package blob

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Place is where files are kept.
type Place interface {
	// Put keeps size bytes under a key: all of them, safe from a power cut, or none.
	Put(ctx context.Context, key string, from io.Reader, size int64) error
	// Open reads what is kept under a key, and tells its size; ErrMissing when there is nothing.
	Open(ctx context.Context, key string) (io.ReadCloser, int64, error)
	// Delete forgets what is kept under a key. It is no mistake that there is nothing.
	Delete(ctx context.Context, key string) error
}

// ErrMissing says that nothing is kept under a key.
var ErrMissing = errors.New("blob: no such file")

var (
	errKey  = errors.New("blob: not a key")
	errSize = errors.New("blob: not the size that was announced")
)

// NewKey is a key that nobody guesses and that was never given before.
func NewKey() string { return strings.ToLower(rand.Text()) }

// KeyOf is the key of what may be put several times and is to be kept once.
func KeyOf(parts ...string) string {
	sum := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(sum, "%d\x00%s", len(p), p)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// isKey keeps anything that could be a path from ever being used as one.
func isKey(s string) bool {
	return len(s) >= 26 && len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}
