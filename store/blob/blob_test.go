package blob

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

// suite is what every place must pass.
func suite(t *testing.T, p Place) {
	ctx := context.Background()
	for _, size := range []int{1, 3<<20 + 7} { // an empty file is refused before it comes here
		key, want := NewKey(), make([]byte, size)
		rand.Read(want)
		if err := p.Put(ctx, key, bytes.NewReader(want), int64(size)); err != nil {
			t.Fatal(err)
		}
		r, n, err := p.Open(ctx, key)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		r.Close()
		if err != nil || n != int64(size) || !bytes.Equal(got, want) {
			t.Errorf("%d bytes came back as %d, announced as %d: %v", size, len(got), n, err)
		}
		for range 2 { // again changes nothing
			if err := p.Delete(ctx, key); err != nil {
				t.Error(err)
			}
		}
		if _, _, err := p.Open(ctx, key); !errors.Is(err, ErrMissing) {
			t.Errorf("deleted, and Open says %v", err)
		}
	}

	broken := errors.New("the line broke")
	stopped, stop := context.WithCancel(ctx)
	stop()
	for name, c := range map[string]struct {
		ctx  context.Context
		from io.Reader
	}{
		"too short": {ctx, strings.NewReader("ab")},
		"too long":  {ctx, strings.NewReader("abcd")},
		"broken":    {ctx, io.MultiReader(strings.NewReader("ab"), iotest.ErrReader(broken))},
		"stopped":   {stopped, strings.NewReader("abc")},
	} {
		key := NewKey()
		if err := p.Put(c.ctx, key, c.from, 3); err == nil {
			t.Errorf("%s: taken", name)
		}
		if _, _, err := p.Open(ctx, key); !errors.Is(err, ErrMissing) {
			t.Errorf("%s: Open says %v", name, err)
		}
	}

	for _, key := range []string{"", "a", "../" + NewKey(), NewKey() + "/a", NewKey() + ".part", strings.ToUpper(NewKey())} {
		_, _, err := p.Open(ctx, key)
		if put, del := p.Put(ctx, key, strings.NewReader("a"), 1), p.Delete(ctx, key); put == nil || err == nil || del == nil {
			t.Errorf("%q is taken for a key: %v, %v, %v", key, put, err, del)
		}
	}
}

func TestDir(t *testing.T) {
	name := filepath.Join(t.TempDir(), "deep", "files")
	d, err := OpenDir(name)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	suite(t, d)
	if left, err := os.ReadDir(name); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}

	key := NewKey()
	if err := d.Put(context.Background(), key, strings.NewReader("a"), 1); err != nil {
		t.Fatal(err)
	}
	about, err := os.Stat(filepath.Join(name, key))
	if err != nil || about.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v, %v", about, err)
	}
}

func TestDirLeadsNowhereElse(t *testing.T) {
	name, outside, key := t.TempDir(), filepath.Join(t.TempDir(), "secret"), NewKey()
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(name, key)); err != nil {
		t.Fatal(err)
	}
	d, err := OpenDir(name)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, _, err := d.Open(context.Background(), key); err == nil {
		t.Error("a link leads out of the folder")
	}
}

func TestOpenDirWhereAFileIs(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenDir(name); err == nil {
		t.Error("a file is taken for a folder")
	}
}
