// Package relay brings what happened to those it concerns: it claims deliveries from the outbox,
// has their cards built, and hands them to the doors. Deliveries of one conversation are made in
// order; a conversation that is stuck holds up no other.
package relay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"guichet/bot"
	"guichet/bot/card"
	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
	"guichet/store/blob"
)

// Options tune a relay. The zero value of each means its default.
type Options struct {
	Workers int           // deliveries under way at once, in each workspace; 8
	Lease   time.Duration // how long a claim holds should its worker die; helpdesk.Lease
	Poll    time.Duration // how often to look without being woken; a second
	Backoff func(attempts int) time.Duration
	Files   blob.Place // where files are kept; nil: they are not

	Licenses     *license.Desk          // nil: there are none
	Provisioners map[string]Provisioner // the programs that make them usable, by what stands for a workspace
}

// Relay makes deliveries.
type Relay struct {
	Options
	db    *store.DB
	desk  *helpdesk.Desk
	bot   Composer
	log   *slog.Logger
	Count func(outcome string) // for metrics; may be nil
}

// Composer is what a relay needs of the bot: cards, doors, and a fresh look at a queue's channel.
type Composer interface {
	LookAgain(ctx context.Context, queue string) bool
	Compose(store.Delivery, helpdesk.Brief) (card.Card, error)
	ComposeLetter(store.Delivery, helpdesk.Brief) (bot.Letter, bool)
	AddEarlier(*bot.Letter, helpdesk.Mailed)
	DigestCard(helpdesk.Digest) card.Card
	RoomCard(helpdesk.Room) card.Card
	SummaryCard(helpdesk.Room) card.Card
	Draw(helpdesk.Picture) (bot.Drawn, error)
	Notice(context.Context, store.Delivery) (bot.Notice, error)
	NoticeTold(context.Context, store.Delivery, store.External) (store.Delivery, bool, error)
	InvoiceFile(context.Context, store.Delivery) (bot.File, error)
	SeatFile(context.Context, store.Delivery) (helpdesk.FileRef, error)
	SeatPlan(ctx context.Context, d store.Delivery, f helpdesk.FileRef, file []byte, why string) (bot.Notice, error)
	Door(workspace string) (bot.Door, bool)
	Workspaces() []string
}

// New returns a relay over a desk's database.
func New(db *store.DB, desk *helpdesk.Desk, c Composer, log *slog.Logger, o Options) *Relay {
	if o.Workers == 0 {
		o.Workers = 8
	}
	if o.Lease == 0 {
		o.Lease = helpdesk.Lease
	}
	if o.Poll == 0 {
		o.Poll = time.Second
	}
	if o.Backoff == nil {
		o.Backoff = Backoff
	}
	return &Relay{Options: o, db: db, desk: desk, bot: c, log: log}
}

// Backoff is how long to wait after so many failures: a second, doubling up to five minutes, give
// or take a quarter, so that what failed together is not tried together.
func Backoff(attempts int) time.Duration {
	wait := min(time.Second<<min(attempts, 10), 5*time.Minute)
	return wait*3/4 + rand.N(wait/2)
}

// Run makes deliveries until ctx ends; those under way then finish, for as long as grace. Each
// workspace has a line of its own, so that one that hangs holds up no other.
func (r *Relay) Run(ctx context.Context, grace time.Duration) {
	// A delivery outlives ctx: cut off between "posted" and "noted" it would be looked for again.
	under, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	context.AfterFunc(ctx, func() { time.AfterFunc(grace, cut) })
	var lines sync.WaitGroup
	defer lines.Wait()
	begun := map[string]bool{}
	for ctx.Err() == nil {
		for _, workspace := range r.workspaces(under) {
			if !begun[workspace] {
				begun[workspace] = true
				lines.Go(func() { r.line(workspace).run(ctx, under) })
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(strayEvery):
		}
	}
}

// strayEvery is how often to look for deliveries to a workspace that is not configured any more.
const strayEvery = time.Minute

// workspaces are those with a door, and those for which something was left in the outbox: an operator
// is to see why it is not delivered.
func (r *Relay) workspaces(ctx context.Context) []string {
	var left []string
	err := r.db.Look(ctx, func(tx *store.Tx) (err error) {
		left, err = tx.OutboxWorkspaces(ctx)
		return err
	})
	if err != nil && ctx.Err() == nil {
		r.log.Error("outbox not read", "error", err)
	}
	return slices.Concat(r.bot.Workspaces(), slices.Collect(maps.Keys(r.Provisioners)), left)
}

// tellSafely is tell for a delivery that may hide a bug: a panic fails this delivery, not the desk.
// doubtful says that a failed delivery may have been posted all the same.
func (r *Relay) tellSafely(ctx context.Context, d store.Delivery) (posted told, doubtful bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			doubtful, err = true, bot.Because("panic", fmt.Errorf("relay: panic: %v\n%s", p, debug.Stack()))
		}
	}()
	unsure := d.Doubtful()
	if unsure && d.Ticket != 0 && d.Kind != helpdesk.TellSpread && d.Kind != helpdesk.TellRoom {
		posted, found, err := r.find(ctx, d)
		if found || err != nil {
			return posted, err != nil, err
		}
		unsure = false
	}
	posted, err = r.tell(ctx, d)
	if d.Kind == helpdesk.TellMoved && givesUp(d, err) {
		r.log.Warn("the card that a ticket left behind does not say so", "ticket", d.Ticket, "error", err)
		return told{}, false, nil
	}
	return posted, unsure || errors.Is(err, bot.ErrUnsure), err // what looks for itself may have failed before it could
}

// told is what a delivery has left on the platform: the thread that it began, if it began one, and the
// post that tells of a message, if it does.
type told struct {
	began *store.Thread
	post  *store.Post
}

// tell posts what a delivery says.
func (r *Relay) tell(ctx context.Context, d store.Delivery) (told, error) {
	if d.Kind == license.ToProvision {
		return told{}, r.provision(ctx, d)
	}
	door, ok := r.bot.Door(d.Workspace)
	if !ok {
		return told{}, bot.Because("no_workspace", fmt.Errorf("relay: workspace %s is not configured", d.Workspace))
	}
	switch d.Kind {
	case helpdesk.TellFetch:
		return told{}, r.fetch(ctx, door, d)
	case helpdesk.TellSpread:
		return told{}, because("database", r.desk.Spread(ctx, d))
	case helpdesk.TellRoom:
		return told{}, r.room(ctx, door, d)
	case helpdesk.TellDigest:
		return told{}, r.digest(ctx, door, d)
	case helpdesk.TellPicture:
		return told{}, giveUp(d, r.picture(ctx, door, d))
	case license.TellSeats:
		return told{}, r.seats(ctx, door, d)
	case helpdesk.TellConfirm, helpdesk.TellConfirmed, helpdesk.TellJoined:
		return told{}, r.confirm(ctx, door, d)
	}
	switch {
	case bot.IsNotice(d):
		return told{}, r.notice(ctx, door, d)
	case bot.IsInvoiceFile(d):
		return told{}, giveUp(d, r.invoice(ctx, door, d))
	}
	brief, err := privately(ctx, r, func() (helpdesk.Brief, error) { return r.desk.Brief(ctx, d) },
		func(b helpdesk.Brief) (string, bool) { return queueOf(d, b), b.Private })
	if err != nil {
		return told{}, err
	}
	if helpdesk.Outdated(brief, d) {
		return told{}, nil
	}
	if writer, ok := door.(bot.Correspondent); ok {
		return r.write(ctx, writer, d, brief)
	}
	if d.Kind == helpdesk.TellEdit || d.Kind == helpdesk.TellDeletion || d.Kind == helpdesk.TellOutcome {
		return told{}, r.revise(ctx, door, d, brief)
	}
	c, err := r.bot.Compose(d, brief)
	if err != nil {
		return told{}, err
	}
	if d.Kind == helpdesk.TellMoved {
		return told{}, r.leave(ctx, door, d, brief, c)
	}
	if err := r.moved(&brief, d); err != nil {
		return told{}, err
	}
	switch {
	case d.Kind == helpdesk.TellChannel, d.Kind == helpdesk.TellCard && brief.Card.Root == "":
		return r.begins(ctx, door, d, brief, c)
	case d.Kind == helpdesk.TellCard:
		err := door.Update(ctx, brief.Card.Channel, brief.Card.Root, c, d.ID)
		if errors.Is(err, bot.ErrGone) {
			// Somebody deleted the card. The ticket gets a new one, and goes on in its thread.
			return r.begins(ctx, door, d, brief, c)
		}
		return told{}, err
	case brief.Card.Root == "":
		return told{}, r.replaceCard(ctx, door, d, brief)
	case d.Kind == helpdesk.TellFile:
		return told{}, r.handOn(ctx, door, d, brief)
	}
	id, err := door.Post(ctx, brief.Card.Channel, brief.Card.Root, c, d.ID)
	if errors.Is(err, bot.ErrGone) {
		return told{}, r.replaceCard(ctx, door, d, brief)
	}
	if err != nil {
		return told{}, err
	}
	return told{post: postOf(d, brief.Card.Channel, id)}, nil
}

// privately reads what is shown in a queue's channel, of which where says whether it is known to be private. If it is not, the platform
// is asked, and what is shown read again.
func privately[T any](ctx context.Context, r *Relay, read func() (T, error), where func(T) (queue string, private bool)) (T, error) {
	v, err := read()
	if err == nil {
		if queue, private := where(v); !private && r.bot.LookAgain(ctx, queue) {
			v, err = read()
		}
	}
	if errors.Is(err, helpdesk.ErrJoined) {
		return v, bot.Because("joined", err)
	}
	if err != nil {
		return v, bot.Because("database", err)
	}
	if queue, private := where(v); !private {
		return v, bot.Because("not_private", fmt.Errorf("relay: the channel of queue %q is not known to be private", queue))
	}
	return v, nil
}

// because is bot.Because of an error, if there is one.
func because(reason string, err error) error {
	if err == nil {
		return nil
	}
	return bot.Because(reason, err)
}

// queueOf is the queue in whose channel a delivery at the desk shows.
func queueOf(d store.Delivery, brief helpdesk.Brief) string {
	if d.Kind == helpdesk.TellMoved {
		from, _ := helpdesk.Queues(brief.Event)
		return from
	}
	return brief.Ticket.Queue
}

// postOf is the post by which a delivery told of a message; nil if it told of something else.
func postOf(d store.Delivery, channel, id string) *store.Post {
	if d.Kind != helpdesk.TellMessage && d.Kind != helpdesk.TellReceipt {
		return nil
	}
	return &store.Post{Message: d.Message, Kind: d.Kind, Lane: d.Lane, Part: d.Part,
		External: store.External{Workspace: d.Workspace, Channel: channel, ID: id}}
}

// begins is begin for what tell does.
func (r *Relay) begins(ctx context.Context, door bot.Door, d store.Delivery, brief helpdesk.Brief, c card.Card) (told, error) {
	th, err := r.begin(ctx, door, d, brief, c)
	return told{began: th}, err
}

// leave has the card that a ticket left in another queue say where it went. Where there is none, or none
// any more, nothing is missed.
func (r *Relay) leave(ctx context.Context, door bot.Door, d store.Delivery, brief helpdesk.Brief, c card.Card) error {
	if brief.Card.Root == "" {
		return nil
	}
	err := door.Update(ctx, brief.Card.Channel, brief.Card.Root, c, d.ID)
	if errors.Is(err, bot.ErrGone) {
		return nil
	}
	return err
}

// moved forgets a desk's card that is in another channel than the queue's present one: the
// operator moved the queue, and the ticket follows.
func (r *Relay) moved(brief *helpdesk.Brief, d store.Delivery) error {
	if d.Person != 0 || brief.Card.Root == "" {
		return nil
	}
	q, ok := r.desk.Catalog().Queue(brief.Ticket.Queue)
	if !ok {
		return fmt.Errorf("relay: queue %q is not configured", brief.Ticket.Queue)
	}
	if q.Place != (store.Place{Workspace: brief.Card.Workspace, Channel: brief.Card.Channel}) {
		brief.Card = store.Thread{}
	}
	return nil
}

// errAgain is the outcome of a delivery whose conversation had lost its card: the card has been
// posted anew, and the delivery goes below it next.
var errAgain = errors.New("relay: the card was gone and has been posted anew")

// replaceCard posts the card of a conversation that has none any more.
func (r *Relay) replaceCard(ctx context.Context, door bot.Door, d store.Delivery, brief helpdesk.Brief) error {
	d.Kind = helpdesk.TellCard
	c, err := r.bot.Compose(d, brief)
	if err != nil {
		return err
	}
	d.ID = onBehalf(d.ID)
	th, err := r.begin(ctx, door, d, brief, c)
	if err != nil {
		return err
	}
	if err := r.desk.Link(ctx, *th); err != nil {
		return fmt.Errorf("%w: %w", bot.ErrUnsure, err) // it is there: the next worker must find it
	}
	return errAgain
}

// begin posts a message that begins a thread: in the queue's channel, or the direct channel.
func (r *Relay) begin(ctx context.Context, door bot.Door, d store.Delivery, brief helpdesk.Brief, c card.Card) (*store.Thread, error) {
	channel, err := r.channel(ctx, door, d, brief)
	if err != nil {
		return nil, err
	}
	id, err := door.Post(ctx, channel, "", c, d.ID)
	if err != nil {
		return nil, err
	}
	return &store.Thread{Ticket: d.Ticket, Lane: d.Lane, IsCard: d.Kind == helpdesk.TellCard,
		Workspace: d.Workspace, Channel: channel, Root: id}, nil
}

func (r *Relay) channel(ctx context.Context, door bot.Door, d store.Delivery, brief helpdesk.Brief) (string, error) {
	if d.Person != 0 {
		if brief.Account.ID == "" {
			return "", bot.Because("no_account", fmt.Errorf("relay: person %d has no account in %s", d.Person, d.Workspace))
		}
		return door.DirectChannel(ctx, brief.Account.ID)
	}
	q, ok := r.desk.Catalog().Queue(brief.Ticket.Queue)
	if !ok {
		return "", fmt.Errorf("relay: queue %q is not configured", brief.Ticket.Queue)
	}
	return q.Place.Channel, nil
}
