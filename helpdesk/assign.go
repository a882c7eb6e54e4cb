package helpdesk

import (
	"context"
	"slices"
	"strings"

	"guichet/helpdesk/clock"
	"guichet/store"
)

// How a queue's new tickets get an assignee.
const (
	ByHand      = ""             // somebody takes them
	RoundRobin  = "round_robin"  // its agents in turn
	LeastLoaded = "least_loaded" // whoever has the fewest tickets
	OnCall      = "on_call"      // whoever is on call
)

// ToAssign is the step of a rule that gives a ticket to somebody.
const ToAssign = "assign"

// give makes somebody the assignee of a locked ticket, by its queue's policy. Where there is nobody, or it is not known who its agents
// are, it stays as it is: the reminder that nobody has taken it will come.
func (d *Desk) give(ctx context.Context, tx *store.Tx, t store.Ticket) (store.Ticket, error) {
	q, _ := d.catalog.Queue(t.Queue)
	whom, err := d.chosen(ctx, tx, q)
	if err != nil {
		return t, err
	}
	e := store.Event{Ticket: t.ID, Act: string(Assign), Source: byItself, Whom: whom}
	if whom == 0 {
		e.Act, e.Detail = string(Remind), Reminded{Rule: clock.Assign, Do: ToNobody}.detail()
	}
	if e, err = tx.AddEvent(ctx, e); err != nil {
		return t, err
	}
	was := clock.State(t.State)
	if whom != 0 {
		t.State, t.StateSince, t.Assignee = string(Open), tx.Now, whom
	}
	if err := d.save(ctx, tx, &t, factOf(e, was)...); err != nil || whom == 0 {
		return t, err
	}
	if err := tx.SetTurn(ctx, q.Key, whom); err != nil {
		return t, err
	}
	if err := d.intoRoom(ctx, tx, t); err != nil {
		return t, err
	}
	return t, d.tell(ctx, tx, t, AudienceOfAct(Assign, store.DeskSide, Open), store.Message{}, e.ID)
}

// chosen is whom a queue's policy names next; zero: nobody.
func (d *Desk) chosen(ctx context.Context, tx *store.Tx, q Queue) (store.PersonID, error) {
	last, err := tx.LockTurn(ctx, q.Key)
	if err != nil {
		return 0, err
	}
	at, err := tx.SeenPrivate(ctx, q.Place)
	if err != nil || !fresh(at, tx.Now) {
		return 0, ignoreNotFound(err)
	}
	agents, err := tx.AgentsAt(ctx, q.Place)
	if err != nil || len(agents) == 0 {
		return 0, err
	}
	if q.Assign == OnCall {
		if on := onCall(q.OnCall(tx.Now.Time), agents); len(on) > 0 {
			return on[0].Person, nil
		}
		return 0, nil
	}
	// In turn, beginning with whoever comes after the last.
	next := slices.IndexFunc(agents, func(a store.Agent) bool { return a.Person > last })
	agents = slices.Concat(agents[max(next, 0):], agents[:max(next, 0)])
	if q.Assign == RoundRobin {
		return agents[0].Person, nil
	}
	best, least := store.PersonID(0), 0
	for _, a := range agents {
		n, err := tx.Load(ctx, a.Person)
		if err != nil {
			return 0, err
		}
		if best == 0 || n < least {
			best, least = a.Person, n
		}
	}
	return best, nil
}

// onCall are the agents whom a rota names: by the id of their account, their mail address or their name.
func onCall(named []string, agents []store.Agent) (on []store.Agent) {
	for _, name := range named {
		for _, a := range agents {
			is := name == a.Account || strings.HasSuffix(name, ":"+a.Account) || a.Mail != "" && strings.EqualFold(name, a.Mail) || strings.EqualFold(name, a.Name)
			if is && !slices.Contains(on, a) {
				on = append(on, a)
			}
		}
	}
	return on
}
