package app

import (
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"guichet/helpdesk/rota"
)

// rotaFile is a calendar of who is on call, read again whenever it has changed.
type rotaFile struct {
	path  string
	zone  *time.Location
	read  time.Time // the file's date when it was read
	value atomic.Pointer[rota.Rota]
}

// look reads the file if it has changed. What was read before holds until it can be read again.
func (f *rotaFile) look() error {
	info, err := os.Stat(f.path)
	if err != nil {
		return fmt.Errorf("who is on call: %w", err)
	}
	if info.ModTime().Equal(f.read) {
		return nil
	}
	file, err := os.Open(f.path)
	if err != nil {
		return fmt.Errorf("who is on call: %w", err)
	}
	defer file.Close()
	r, err := rota.Read(file, f.zone)
	if err != nil {
		return fmt.Errorf("who is on call, in %s: %w", f.path, err)
	}
	f.read = info.ModTime()
	f.value.Store(r)
	return nil
}

// at is who is on call at an instant.
func (f *rotaFile) at(now time.Time) []string { return f.value.Load().At(now) }

// lookAtRotas reads the calendars that have changed.
func (a *App) lookAtRotas(log *slog.Logger) {
	for _, f := range a.rotas {
		if err := f.look(); err != nil {
			log.Error("calendar not read", "error", err)
		}
	}
}
