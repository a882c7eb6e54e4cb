package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"guichet/internal/localslack"
)

const (
	program   = "bin/guichet"
	readyURL  = "http://127.0.0.1:8911/readyz"
	readyIn   = 30 * time.Second
	stopsIn   = 8 * time.Second // more than stop_timeout in the configuration
	lastWords = 15              // lines
)

// guichet is the running program.
type guichet struct {
	cmd   *exec.Cmd
	env   []string
	log   *os.File
	ended chan struct{}
}

// startGuichet starts the program. The caller's thread must outlive it.
func startGuichet(app localslack.App) (*guichet, error) {
	log, err := os.Create(logFile)
	if err != nil {
		return nil, err
	}
	// Settings of another guichet, of which this person may have some, are not for this one.
	env := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GUICHET_") })
	env = append(env, "GUICHET_SLACK_ACME_BOT_TOKEN="+app.BotToken, "GUICHET_SLACK_ACME_APP_TOKEN="+app.AppToken)
	g := &guichet{env: env, log: log, ended: make(chan struct{})}
	g.cmd = g.command("serve")
	// Its own group, so that Ctrl-C reaches only the demo, which stops everything in order.
	g.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := g.cmd.Start(); err != nil {
		log.Close()
		return nil, fmt.Errorf("%w (run this by: make demo)", err)
	}
	go func() {
		_ = g.cmd.Wait()
		close(g.ended)
	}()
	return g, nil
}

func (g *guichet) command(args ...string) *exec.Cmd {
	cmd := exec.Command(program, append([]string{"--config", config}, args...)...)
	cmd.Env, cmd.Stdout, cmd.Stderr = g.env, g.log, g.log
	return cmd
}

// waitReady returns once guichet can serve people.
func (g *guichet) waitReady(ctx context.Context) error {
	timeout := time.After(readyIn)
	for {
		if r, err := http.Get(readyURL); err == nil {
			_, _ = io.Copy(io.Discard, r.Body)
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-g.ended:
			return g.died()
		case <-timeout:
			return fmt.Errorf("guichet is not ready after %s. The end of its log:\n%s", readyIn, g.lastWords())
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// run runs a command beside the running copy.
func (g *guichet) run(ctx context.Context, args ...string) error {
	cmd := g.command(args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Run(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("guichet %s: %w. The end of its log:\n%s", args[0], err, g.lastWords())
	}
	return nil
}

// stop asks guichet to finish what it does, and ends it when that takes too long.
func (g *guichet) stop() {
	defer g.log.Close()
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		_ = g.cmd.Process.Signal(sig) // it may be gone already, and then all is well
		select {
		case <-g.ended:
			return
		case <-time.After(stopsIn):
		}
	}
}

func (g *guichet) died() error {
	return errors.New("guichet has ended by itself (" + g.cmd.ProcessState.String() + "). The end of its log:\n" + g.lastWords())
}

func (g *guichet) lastWords() string {
	text, err := os.ReadFile(logFile)
	if err != nil {
		return err.Error()
	}
	return lastLines(string(text))
}

func lastLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return "  " + strings.Join(lines[max(0, len(lines)-lastWords):], "\n  ")
}
