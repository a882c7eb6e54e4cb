package store

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// flock takes an exclusive lock on f, waiting for whoever holds it. It is released with f.
func flock(ctx context.Context, f *os.File) error {
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-retry.C:
		}
	}
}
