// Command bench measures guichet side by side with what bounds it, and holds the ratios against the
// targets. "make bench" builds and runs it beside a throw-away PostgreSQL; it prints Markdown on
// standard output and its progress on standard error. Linux only.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// bench is one run: what it uses, and how long it may take for what.
type bench struct {
	context.Context
	dir     string // for all that it keeps
	guichet string // the program
	bolt    string // the folder of the Bolt app
	pg      *postgres
	slack   *webAPI
	report  report

	rounds int
	turn   time.Duration // of one contender in one round
	large  int           // tickets in the large database
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "bare" {
		fail(serveBare(os.Args[2]))
		return
	}
	b := &bench{rounds: 5, turn: 2 * time.Second, large: 1_000_000}
	flag.StringVar(&b.guichet, "guichet", "bin/guichet", "the program to measure")
	flag.StringVar(&b.bolt, "bolt", "bench/bolt", "the folder of the Bolt app, installed")
	quick := flag.Bool("quick", false, "three minutes, for a first look: its figures are rough")
	parts := flag.String("parts", "submissions,deliveries,resources,sizes", "what to measure")
	bound := flag.Duration("bound", 14*time.Minute, "how long all may take")
	flag.Parse()
	if *quick {
		b.rounds, b.turn, b.large = 2, time.Second, 50_000
	}
	fail(b.run(strings.Split(*parts, ","), *bound))
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures one part after the other. Those that were done are printed, even if the next fails.
func (b *bench) run(parts []string, bound time.Duration) (err error) {
	// The kernel ends the children when the thread that started them does.
	runtime.LockOSThread()
	ctx, done := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer done()
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	b.Context = ctx
	if b.dir, err = os.MkdirTemp("/tmp", "guichet-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	if b.bolt, err = filepath.Abs(b.bolt); err != nil {
		return err
	}
	if b.pg, err = openPostgres(b.dir); err != nil {
		return err
	}
	if b.slack, err = startWebAPI(); err != nil {
		return err
	}
	b.report.begin()
	defer b.report.print(os.Stdout)
	desks, stop, err := b.openDesks()
	if err != nil {
		return err
	}
	defer stop()
	for _, part := range []struct {
		name    string
		measure func([]*desk) error
	}{{"submissions", b.submissions}, {"deliveries", b.deliveries}, {"resources", b.resources}, {"sizes", b.sizes}} {
		if !slices.Contains(parts, part.name) {
			continue
		}
		b.say("%s", part.name)
		if err := part.measure(desks); err != nil {
			return fmt.Errorf("%s: %w", part.name, errors.Join(err, ctx.Err()))
		}
	}
	return nil
}

func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format(time.TimeOnly)+" "+format+"\n", args...)
}
