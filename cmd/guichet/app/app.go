// Package app wires guichet together: from a configuration to a program that runs until it is
// told to stop. Tests start the same value as main does.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"guichet/billing"
	"guichet/bot"
	"guichet/bot/mail"
	"guichet/bot/mattermost"
	"guichet/bot/relay"
	"guichet/bot/slack"
	"guichet/cmd/guichet/config"
	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
	"guichet/store/blob"
)

// App is a guichet that can run.
type App struct {
	config   *config.Config
	log      *slog.Logger
	db       *store.DB
	desk     *helpdesk.Desk
	licenses *license.Desk
	invoices *billing.Desk
	bot      *bot.Bot
	relay    *relay.Relay
	kept     blob.Place // of files; nil: they are not
	files    *blob.Dir  // likewise, in a folder
	doors    []door
	mail     *mail.Door              // nil: there is none
	calls    map[string]http.Handler // what platforms call, by path
	metrics  *metrics
	rotas    []*rotaFile
	managers map[string][]store.Account // by organization
	listen   net.Listener               // nil: no HTTP
}

// mailDesk is the desk that takes in mails. An address that is confirmed may be an administrator's.
type mailDesk struct {
	*helpdesk.Desk
	licenses *license.Desk
}

// Confirm is license.Desk.Confirm.
func (m mailDesk) Confirm(ctx context.Context, id store.ConfirmationID) (helpdesk.Asked, error) {
	return m.licenses.Confirm(ctx, id)
}

// door is a workspace that the app keeps open.
type door interface {
	bot.Hearer
	Self(ctx context.Context) (string, error)
	Run(ctx context.Context, grace time.Duration) error
	Connected() bool
}

// New opens the database, migrates it, and prepares everything else. It talks to no chat platform.
func New(ctx context.Context, c *config.Config, log *slog.Logger) (_ *App, err error) {
	db, err := store.Open(ctx, c.Database.Reveal())
	if err != nil {
		return nil, err
	}
	a := &App{config: c, log: log, db: db, calls: map[string]http.Handler{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	applied, err := db.Migrate(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range applied {
		log.Info("migrated", "file", name)
	}
	var catalog *helpdesk.Catalog
	catalog, a.managers, a.rotas = offered(c)
	for _, f := range a.rotas {
		if err := f.look(); err != nil {
			return nil, err
		}
	}
	if err := checkTimes(catalog); err != nil {
		return nil, err
	}
	a.desk = helpdesk.NewDesk(db, catalog)
	if err := a.desk.CheckQueues(ctx); err != nil {
		return nil, err
	}
	a.licenses = license.NewDesk(db, a.desk, Licenses(c))
	a.invoices = billing.NewDesk(db, a.desk, Invoices(c))
	a.bot = bot.New(a.desk, a.licenses, a.invoices, log)
	for _, w := range c.Slack {
		d := slack.New(slack.Options{Team: w.Team, BotToken: w.BotToken.Reveal(), AppToken: w.AppToken.Reveal(),
			SigningSecret: w.SigningSecret.Reveal(), APIURL: w.APIURL, Log: log}, a.bot)
		a.doors = append(a.doors, d)
		if w.Mode == "http" {
			a.calls["/slack/"+w.Key] = d
		}
		a.bot.Attach(d)
	}
	for _, m := range c.Mattermost {
		d := mattermost.New(mattermostOptions(m, log), a.bot)
		a.doors = append(a.doors, d)
		maps.Copy(a.calls, d.Calls())
		a.bot.Attach(d)
	}
	if a.kept, err = a.openFiles(c.Files); err != nil {
		return nil, fmt.Errorf("%w (see \"files\" in the configuration)", err)
	}
	if c.Mail.From != "" {
		a.mail = mail.New(mailOptions(c, a.kept, log), catalog, mailDesk{a.desk, a.licenses})
		a.bot.Attach(a.mail)
	}
	options := relay.Options{Files: a.kept}
	if err := a.provisioners(&options); err != nil {
		return nil, err
	}
	a.relay = relay.New(db, a.desk, a.bot, log, options)
	a.metrics = newMetrics(db, log)
	a.bot.Handled = a.metrics.handled
	a.relay.Count = a.metrics.delivered
	if a.mail != nil {
		a.mail.Handled = a.metrics.handled
	}
	if c.Listen != "" {
		if a.listen, err = net.Listen("tcp", c.Listen); err != nil {
			return nil, fmt.Errorf("listen: %w (see \"listen\" in the configuration)", err)
		}
	}
	return a, nil
}

func mattermostOptions(m config.Team, log *slog.Logger) mattermost.Options {
	return mattermost.Options{URL: m.URL, Team: m.Team, Token: m.Token.Reveal(), Key: m.Key, Callback: m.Callback, Log: log,
		CommandTokens: m.CommandTokens.Parts(), Secrets: m.Secret.Parts()}
}

// openFiles opens the place where files are kept; nil when they are not.
func (a *App) openFiles(c config.Files) (blob.Place, error) {
	switch {
	case c.Off:
		return nil, nil
	case c.S3.Endpoint != "":
		return blob.OpenS3(s3(c.S3))
	}
	dir, err := blob.OpenDir(c.Dir)
	if err != nil {
		return nil, err
	}
	a.files = dir
	return dir, nil
}

func s3(c config.S3) blob.S3Options {
	return blob.S3Options{Endpoint: c.Endpoint, Bucket: c.Bucket, Region: c.Region, Prefix: c.Prefix, Insecure: c.Insecure}
}

// Address is where the app answers HTTP, empty if nowhere.
func (a *App) Address() string {
	if a.listen == nil {
		return ""
	}
	return a.listen.Addr().String()
}

// Run works until ctx ends, then stops in order, within the configured time: first nothing more
// comes in, then what is under way is finished. It returns nil after such a stop, and an error
// when something failed that only an operator can mend.
func (a *App) Run(ctx context.Context) error {
	if err := a.desk.SetManagers(ctx, a.managers); err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	grace := a.config.StopTimeout
	var running sync.WaitGroup
	must := func(what string, f func() error) {
		running.Go(func() {
			if err := f(); err != nil {
				stop(fmt.Errorf("%s: %w", what, err))
			}
		})
	}

	server := &http.Server{Handler: a.handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second}
	if a.listen != nil {
		must("http", func() error {
			if err := server.Serve(a.listen); !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		})
		running.Go(func() {
			<-ctx.Done()
			bounded, cut := context.WithTimeout(context.WithoutCancel(ctx), grace)
			defer cut()
			_ = server.Shutdown(bounded)
		})
	}
	running.Go(func() { a.relay.Run(ctx, grace) })
	running.Go(func() { a.tick(ctx) })
	for _, d := range a.doors {
		must("workspace "+d.Workspace(), func() error { return a.serve(ctx, d, grace) })
		running.Go(func() { a.bot.KeepHearing(ctx, d) })
		if shower, ok := d.(bot.HomeShower); ok {
			running.Go(func() { a.bot.KeepHomes(ctx, shower) })
		}
	}
	if a.mail != nil {
		must("mail", func() error { return a.mail.Run(ctx, grace) })
	}
	running.Go(func() { a.bot.KeepMembers(ctx) })

	<-ctx.Done()
	a.log.Info("stopping")
	done := make(chan struct{})
	go func() { running.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(grace + time.Second):
		a.log.Warn("stopped before everything was finished; it will be taken up at the next start")
	}
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// serve keeps a door open until ctx ends. What only an operator can mend is an error at the start;
// later it is logged and tried again, for the sake of the other workspaces.
func (a *App) serve(ctx context.Context, d door, grace time.Duration) error {
	opened := false
	for attempt := 0; ; attempt++ {
		err := a.look(ctx, d)
		if err == nil {
			opened, attempt = true, 0
			err = d.Run(ctx, grace)
		}
		if ctx.Err() != nil {
			return nil
		}
		if !opened && (errors.Is(err, bot.ErrPublic) || slack.Hopeless(err) || mattermost.Hopeless(err)) {
			return err
		}
		a.log.Error("workspace not served, trying again", "workspace", d.Workspace(), "error", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(relay.Backoff(attempt)):
		}
	}
}

// look checks a door's token and reads who the agents of its queues are. A channel that guichet
// was not invited to, or that does not exist, keeps its agents out, not everyone else.
func (a *App) look(ctx context.Context, d door) error {
	if _, err := d.Self(ctx); err != nil {
		return err
	}
	queues := slices.DeleteFunc(slices.Clone(a.desk.Catalog().Queues), func(q helpdesk.Queue) bool {
		return q.Place.Workspace != d.Workspace()
	})
	err := a.bot.RefreshMembers(ctx, queues)
	if err != nil && (slack.Answered(err) || mattermost.Answered(err)) && !errors.Is(err, bot.ErrPublic) {
		a.log.Error("a queue has no agents: run guichet check", "error", err)
		return nil
	}
	return err
}

// tick runs the schedules. It looks at the clock at least every half minute, in case that jumps.
func (a *App) tick(ctx context.Context) {
	var swept time.Time
	for {
		now := time.Now()
		a.lookAtRotas(a.log)
		next, err := a.desk.Tick(ctx, now, func(m helpdesk.Met) {
			a.log.Info("rule met", "rule", m.Rule, "step", m.Step, "does", m.Do, "queue", m.Queue, "ticket", m.Ticket)
		})
		if err != nil && ctx.Err() == nil {
			a.log.Error("schedules not run", "error", err)
			next = now.Add(30 * time.Second)
		}
		if err := a.desk.PlaceLeft(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("messages not placed", "error", err)
		}
		if err := a.desk.JoinAgain(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("people not joined", "error", err)
		}
		if err := a.licenses.Sweep(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("licenses not swept", "error", err)
		}
		if err := a.desk.SealAudit(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("audit log not sealed", "error", err)
		}
		if now.Sub(swept) > time.Hour {
			if err := a.desk.Sweep(ctx); err != nil && ctx.Err() == nil {
				a.log.Error("old requests not swept", "error", err)
			}
			swept = now
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(max(100*time.Millisecond, min(time.Until(next), 30*time.Second))):
		}
	}
}

// Desk is the desk itself, for what an operator does beside a running copy.
func (a *App) Desk() *helpdesk.Desk { return a.desk }

// Licenses are looked after here, likewise.
func (a *App) Licenses() *license.Desk { return a.licenses }

// Close lets the database go.
func (a *App) Close() error {
	if a.listen != nil {
		_ = a.listen.Close()
	}
	if a.files != nil {
		_ = a.files.Close()
	}
	return a.db.Close()
}
