// Package bot is what a person can do, by whatever door they come: one Request in, one Answer
// out. It knows commands, forms, buttons and cards, and asks helpdesk for everything else.
// Platforms are behind the Door interface, each in a folder of its own.
package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"guichet/billing"
	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

// Bot answers people.
type Bot struct {
	desk     *helpdesk.Desk
	licenses *license.Desk
	invoices *billing.Desk
	doors    map[string]Door // by workspace
	log      *slog.Logger
	order    inOrder
	doubts   doubts
	behind   behind
	Handled  func(kind string, took time.Duration, err error) // for metrics; may be nil
	commands []*Command
	// CountDevices asks the program of a service how many devices of an organization are enrolled; may be nil.
	CountDevices func(ctx context.Context, service, organization, license string) (int64, error)
}

// New returns a bot over the desks.
func New(desk *helpdesk.Desk, licenses *license.Desk, invoices *billing.Desk, log *slog.Logger) *Bot {
	return &Bot{desk: desk, licenses: licenses, invoices: invoices, doors: map[string]Door{}, log: log, commands: Commands()}
}

// Attach makes a door known to the bot, before anything comes in by it.
func (b *Bot) Attach(d Door) { b.doors[d.Workspace()] = d }

// Door returns the door of a workspace.
func (b *Bot) Door(workspace string) (Door, bool) {
	d, ok := b.doors[workspace]
	return d, ok
}

// Workspaces are those that have a door.
func (b *Bot) Workspaces() []string { return slices.Sorted(maps.Keys(b.doors)) }

// Answer is what the person gets back at once, and alone. What others are told goes through the
// outbox. The zero Answer says nothing, which after a form means that it closes.
type Answer struct {
	Card     *card.Card
	Direct   *card.Card        // for the person's direct channel, where it stays
	Home     *card.Home        // for their home view
	Replaces bool              // the card stands in place of the answer whose button was pressed
	Form     *card.Form        // to open, or the next step of the one that was sent
	Resume   *card.Card        // leads to that next step, where a form can't follow a form
	Instead  string            // what to say should the form not open in time
	Errors   map[string]string // what is wrong with the form, by field; it stays as it is
	Problem  string            // what is wrong with the form as a whole; likewise
	Language string            // of the person, for what the door itself has to say
}

// Call is a request on its way to the command that it concerns.
type Call struct {
	Request
	bot    *Bot
	Person store.Person
	Words  text.Words // in the person's language
	Actor  helpdesk.Actor
}

// Handle takes in one request. An error means that it was not handled and should come again; for
// what a person waits on, the answer says so in words.
func (b *Bot) Handle(ctx context.Context, r Request) (Answer, error) {
	began := time.Now()
	kind, a, err := b.handleSafely(ctx, r)
	if b.Handled != nil {
		b.Handled(kind, time.Since(began), err)
	}
	if err == nil {
		return a, nil
	}
	if r.comesAgain() {
		if r.Post != nil {
			b.FellBehind(r.From.Workspace)
		}
		b.log.Error("not handled, to be sent again", "kind", kind, "request", r.ID, "error", err)
		return Answer{}, err
	}
	return b.fault(ctx, r, kind, err), nil
}

// lookWait bounds the look at whether an act was saved after all.
const lookWait = 500 * time.Millisecond

// fault tells a person that something failed on our side, and whether what they did was saved: the
// database may have done it, and its answer been lost.
func (b *Bot) fault(ctx context.Context, r Request, kind string, err error) Answer {
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookWait)
	defer cancel()
	saved, unsure := b.desk.Saved(look, r.key(), r.nonce())
	reference := uuid.NewString()[:8]
	b.log.Error("not handled", "kind", kind, "request", r.ID, "reference", reference, "error", err, "saved", saved, "unsure", unsure)
	words := text.In(b.language(r.From.Workspace))
	switch {
	case saved:
		return Answer{}
	case unsure != nil:
		return b.complain(r, words.Say("fault.unsure", text.Args{"Reference": reference}))
	default:
		return b.complain(r, words.Say("fault", text.Args{"Reference": reference}))
	}
}

// complain says something to the person in the way that fits what they did: a form stays open.
func (b *Bot) complain(r Request, words string) Answer {
	if r.Submission != nil {
		return Answer{Problem: words}
	}
	return Answer{Card: &card.Card{Lines: []string{words}}}
}

// handleSafely is handle for a request that may hide a bug: a panic fails this request, not the desk.
func (b *Bot) handleSafely(ctx context.Context, r Request) (kind string, a Answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			kind, a, err = r.kind(), Answer{}, fmt.Errorf("bot: panic: %v\n%s", p, debug.Stack())
		}
	}()
	return b.handle(ctx, r)
}

func (b *Bot) handle(ctx context.Context, r Request) (kind string, a Answer, err error) {
	kind = r.kind()
	if _, ok := b.doors[r.From.Workspace]; !ok {
		return kind, a, fmt.Errorf("bot: workspace %s has no door", r.From.Workspace)
	}
	if r.comesAgain() {
		if listens, err := b.listensTo(ctx, r); err != nil || !listens {
			return kind, a, err
		}
	}
	person, err := b.person(ctx, r)
	if refused := (*helpdesk.Refusal)(nil); errors.As(err, &refused) {
		words := text.In(b.language(r.From.Workspace))
		return kind, b.complain(r, b.refusal(words, refused)), nil
	}
	if err != nil {
		return kind, a, err
	}
	c := &Call{Request: r, bot: b, Person: person, Words: text.In(person.Language),
		Actor: helpdesk.Actor{Person: person.ID, Organization: person.Organization, Source: r.From.Workspace, Request: r.key()}}
	a, err = b.retried(ctx, c)
	a.Language = person.Language
	if errors.Is(err, helpdesk.ErrDuplicate) {
		b.log.Info("handled before", "kind", kind, "request", r.ID)
		return kind, Answer{}, nil
	}
	if refused := (*helpdesk.Refusal)(nil); errors.As(err, &refused) {
		b.log.Info("refused", "kind", kind, "code", refused.Code, "ticket", refused.Ticket.ID, "person", person.ID)
		return kind, c.refused(refused), nil
	}
	if words := c.wants(err); words != "" {
		return kind, b.complain(r, words), nil
	}
	return kind, a, err
}

// actWait bounds one act in the database; past it, nothing of it is done. With what surrounds it,
// the answer is still in time for the three seconds that Slack waits.
const actWait = 2 * time.Second

// retried runs a call. A refusal may rest on an outdated idea of who is an agent: then that is
// looked up and the call made once more.
func (b *Bot) retried(ctx context.Context, c *Call) (Answer, error) {
	act := func() (Answer, error) {
		ctx, cancel := context.WithTimeout(ctx, actWait)
		defer cancel()
		return c.route(ctx)
	}
	a, err := act()
	if refused := (*helpdesk.Refusal)(nil); errors.As(err, &refused) && b.LookAgain(ctx, refused.Queue) {
		return act()
	}
	return a, err
}

// route hands a call to the command that it concerns.
func (c *Call) route(ctx context.Context) (Answer, error) {
	switch {
	case c.Command != nil:
		for _, cmd := range c.bot.commands {
			if cmd.named(c.Command.Name) {
				return cmd.Run(ctx, c, strings.Fields(c.Command.Args))
			}
		}
		return c.say("unknown.command"), nil
	case c.Press != nil:
		for _, cmd := range c.bot.commands {
			if press, ok := cmd.Buttons[c.Press.Button]; ok {
				a, err := press(ctx, c)
				if c.Press.Stays {
					c.redraw(ctx)
				}
				return a, err
			}
		}
		return c.say("refused.stale_button"), nil
	case c.Submission != nil:
		for _, cmd := range c.bot.commands {
			submit, ok := cmd.Forms[c.Submission.Form]
			if !ok {
				continue
			}
			theirs, err := c.bot.desk.Is(ctx, store.PersonID(c.Submission.Hidden.Person), c.Person.ID)
			if err != nil {
				return Answer{}, err
			}
			if !theirs {
				return Answer{}, &helpdesk.Refusal{Code: helpdesk.NotYourForm}
			}
			return submit(ctx, c, *c.Submission)
		}
		return Answer{Problem: c.Words.Say("refused.stale_form")}, nil
	case c.Mention != nil:
		return c.mentioned(ctx)
	case c.Revision != nil:
		return c.revise(ctx)
	case c.Reaction != nil:
		return c.react(ctx)
	case c.Shortcut != nil:
		return c.shortcut(ctx)
	case c.Opened:
		return c.home(ctx)
	default:
		return c.hear(ctx)
	}
}

// hear takes in what was written in a thread, or in the direct channel outside any.
func (c *Call) hear(ctx context.Context) (Answer, error) {
	below, err := c.listBelow(ctx)
	if err != nil {
		return Answer{}, err
	}
	if c.Post.Root == "" || below {
		return c.offer(ctx, *c.Post, "direct.top", "direct.empty")
	}
	s, err := c.bot.desk.Hear(ctx, c.Actor, c.From.ID, *c.Post)
	if err != nil {
		return Answer{}, err
	}
	c.done("message", s.Ticket.ID, "message", s.Message, "audience", s.Audience, "kept", s.Kept)
	if s.Word != nil {
		return c.wordAnswer(s.Ticket, *s.Word), nil
	}
	return Answer{}, nil
}

// done logs one thing done. It gets ids, never words.
func (c *Call) done(what string, ticket store.TicketID, more ...any) {
	c.bot.log.Info(what, append([]any{"ticket", ticket, "person", c.Person.ID, "request", c.ID}, more...)...)
}

// say answers with one of our texts.
func (c *Call) say(key string, args ...text.Args) Answer {
	return Answer{Card: &card.Card{Lines: []string{c.Words.Say(key, args...)}}}
}

func (c *Call) refused(r *helpdesk.Refusal) Answer {
	return c.bot.complain(c.Request, c.bot.refusal(c.Words, r))
}

func (b *Bot) refusal(w text.Words, r *helpdesk.Refusal) string {
	args := text.Args{"Ticket": b.called(r.Ticket), "Name": r.By, "Other": r.Other}
	if r.By == "" {
		args["Name"] = w.Say("colleague")
	}
	if r.Ticket.State != "" {
		args["State"] = w.Say("state." + r.Ticket.State)
	}
	args["Queue"] = b.queue(w, r.Queue)
	if len(r.Managers) > 0 {
		args["Managers"] = strings.Join(r.Managers, ", ")
		return w.Say("refused."+string(r.Code)+".managers", args)
	}
	return w.Say("refused."+string(r.Code), args)
}

// open answers with a form.
func (c *Call) open(f card.Form) Answer {
	return Answer{Form: &f, Instead: c.Words.Say("form.not_opened")}
}

// language is the one of a workspace's organization, for people not met yet.
func (b *Bot) language(workspace string) string {
	o, _ := b.desk.Catalog().OrganizationOf(workspace)
	return o.Language
}
