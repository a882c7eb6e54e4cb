// Command guichet is a support desk that lives in chat.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"

	"guichet/cmd/guichet/app"
	"guichet/cmd/guichet/config"
	"guichet/helpdesk"
	"guichet/store"
)

// version is set by make build.
var version = "dev"

// Exit codes, for scripts and supervisors.
const (
	exitOK      = 0
	exitFailed  = 1 // something went wrong while running
	exitUsage   = 2 // the command line or the configuration is wrong
	exitProblem = 3 // check found something to mend
)

// cli is the command line.
type cli struct {
	Config string `short:"c" default:"guichet.yaml" env:"GUICHET_CONFIG" help:"The configuration file." type:"path"`

	Serve      serveCmd      `cmd:"" help:"Run the support desk until it is told to stop."`
	Migrate    migrateCmd    `cmd:"" help:"Bring the database's schema up to date, and exit. (serve does so too.)"`
	Check      checkCmd      `cmd:"" help:"Look at tokens, scopes, channels, database and clock, and say what to mend."`
	Refresh    refreshCmd    `cmd:"" help:"Bring the cards of all open tickets up to date, and post anew those that are gone or whose queue moved to another channel."`
	Deliveries deliveriesCmd `cmd:"" help:"Look at what could not be delivered, and retry or drop it."`
	Route      routeCmd      `cmd:"" help:"Tell which queue a new ticket would go to, and why."`
	Rehearse   rehearseCmd   `cmd:"" help:"Tell what the reminders of this configuration would have sent between two days, sending nothing."`
	Role       roleCmd       `cmd:"" help:"List, give and take the roles of people."`
	Audit      auditCmd      `cmd:"" help:"Look into the log of what may have to be proved."`
	Import     importCmd     `cmd:"" help:"Take in what there is already."`
	Mattermost mattermostCmd `cmd:"" help:"Set a Mattermost team up."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

// problem is an error with an exit code of its own.
type problem struct {
	code int
	error
}

func (p problem) Unwrap() error { return p.error }

func main() { os.Exit(run(os.Args[1:], os.Environ(), os.Stdout, os.Stderr)) }

func run(args, environ []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c cli
	exited := -1
	parser, err := kong.New(&c, kong.Name("guichet"), kong.Description("A support desk that lives in chat."),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { exited = code }))
	if err != nil {
		panic(err) // the struct above is wrong: any run shows it
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 { // --help
		return exited
	}
	if err != nil {
		fmt.Fprintf(stderr, "guichet: %v\nTry: guichet --help\n", err)
		return exitUsage
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	err = parsed.Run(&env{environ: environ, stdin: os.Stdin, stdout: stdout, stderr: stderr, config: c.Config})
	var p problem
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &p):
		fmt.Fprintln(stderr, "guichet:", err)
		return p.code
	default:
		fmt.Fprintln(stderr, "guichet:", err)
		return exitFailed
	}
}

// env is what every command works with.
type env struct {
	environ        []string
	stdin          io.Reader
	stdout, stderr io.Writer
	config         string
}

// load reads the configuration and opens the log that it asks for.
func (e *env) load() (*config.Config, *slog.Logger, error) {
	c, err := config.Load(e.config, e.environ)
	if err != nil {
		return nil, nil, problem{exitUsage, err}
	}
	options := &slog.HandlerOptions{Level: c.Log.Level}
	var handler slog.Handler = slog.NewTextHandler(e.stderr, options)
	if c.Log.Format == "json" {
		handler = slog.NewJSONHandler(e.stderr, options)
	}
	return c, slog.New(handler), nil
}

type serveCmd struct{}

func (serveCmd) Run(ctx context.Context, e *env) error {
	c, log, err := e.load()
	if err != nil {
		return err
	}
	a, err := app.New(ctx, c, log)
	if err != nil {
		return err
	}
	log.Info("guichet", "version", version, "listen", a.Address(), "database", c.Database.String())
	return errors.Join(a.Run(ctx), a.Close())
}

type migrateCmd struct{}

func (migrateCmd) Run(ctx context.Context, e *env) error {
	c, _, err := e.load()
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, c.Database.Reveal())
	if err != nil {
		return err
	}
	defer db.Close()
	applied, err := db.Migrate(ctx)
	if err != nil {
		return err
	}
	for _, name := range applied {
		fmt.Fprintln(e.stdout, "applied", name)
	}
	have, _, err := db.Version(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(e.stdout, "the schema is up to date, at version", have)
	return nil
}

type checkCmd struct{}

func (checkCmd) Run(ctx context.Context, e *env) error {
	c, _, err := e.load()
	if err != nil {
		return err
	}
	if n := app.Check(ctx, c, e.stdout); n > 0 {
		return problem{exitProblem, fmt.Errorf("%d to mend", n)}
	}
	return nil
}

type refreshCmd struct{}

func (refreshCmd) Run(ctx context.Context, e *env) error {
	return withDesk(ctx, e, func(d *helpdesk.Desk) error {
		n, err := d.Refresh(ctx)
		if err == nil {
			fmt.Fprintln(e.stdout, "open tickets to refresh:", n)
		}
		return err
	})
}

type versionCmd struct{}

func (versionCmd) Run(e *env) error {
	commit := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				commit = " " + s.Value
			}
		}
	}
	fmt.Fprintf(e.stdout, "guichet %s%s\n", version, commit)
	return nil
}
