package helpdesk

import (
	"context"
	"slices"
	"time"

	"guichet/store"
)

// StatsDays are the periods that statistics are about, in days until now; the first is the usual one.
var StatsDays = []int{30, 7, 90}

// Stats is what was done in a period, and what there is to do, for one who may know.
type Stats struct {
	From, To time.Time
	Parts    []StatsPart
}

// StatsPart is of one queue, or of one organization.
type StatsPart struct {
	store.Where
	Now      map[State]int // tickets that are there to be worked, to a thousand and one; of a queue only
	Services []store.Figures
	Total    store.Figures
}

// Stats returns statistics of the last days: to agents of their queues, to a manager of their organization.
func (d *Desk) Stats(ctx context.Context, a Actor, days int) (s Stats, err error) {
	if !slices.Contains(StatsDays, days) {
		return s, refuse(BadForm, store.Ticket{})
	}
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		who, err := d.standing(ctx, tx, a.Person)
		if err != nil {
			return err
		}
		s = Stats{From: tx.Now.AddDate(0, 0, -days), To: tx.Now.Time}
		of, err := d.statsFor(who)
		if err != nil {
			return err
		}
		for _, w := range of {
			p, err := d.figures(ctx, tx, w, s.From, s.To)
			if err != nil {
				return err
			}
			s.Parts = append(s.Parts, p)
		}
		return nil
	})
	return s, err
}

// statsFor says whose figures are somebody's business: those of the queues whose agent they are, and of the organization
// whose manager.
func (d *Desk) statsFor(who Standing) (of []store.Where, err error) {
	for _, q := range d.catalog.Queues {
		if slices.Contains(who.Queues, q.Key) {
			of = append(of, store.Where{Queue: q.Key})
		}
	}
	if who.Manager {
		of = append(of, store.Where{Organization: who.Person.Organization})
	}
	switch {
	case len(of) == 0 && len(who.Unsure) > 0:
		return nil, &Refusal{Code: Unverified, Queue: who.Unsure[0]}
	case len(of) == 0:
		return nil, refuse(NoStats, store.Ticket{})
	}
	return of, nil
}

// idle says whether nothing happened.
func (p StatsPart) idle() bool { return p.Total.Opened+p.Total.Resolved == 0 }

// figures are those of one queue or organization.
func (d *Desk) figures(ctx context.Context, tx *store.Tx, w store.Where, from, to time.Time) (p StatsPart, err error) {
	p = StatsPart{Where: w}
	if p.Services, err = tx.Figures(ctx, w, store.At(from), store.At(to)); err != nil {
		return p, err
	}
	opened, err := tx.Opened(ctx, w, store.At(from), store.At(to))
	if err != nil {
		return p, err
	}
	for _, o := range opened {
		i := slices.IndexFunc(p.Services, func(f store.Figures) bool { return f.Service == o.Name })
		if i < 0 {
			p.Services, i = append(p.Services, store.Figures{Service: o.Name}), len(p.Services)
		}
		p.Services[i].Opened = o.N
	}
	for _, f := range p.Services {
		p.Total = plus(p.Total, f)
	}
	if w.Queue == "" {
		return p, nil
	}
	p.Now = map[State]int{}
	for _, state := range []State{New, Open, Waiting} {
		if p.Now[state], err = tx.InState(ctx, w.Queue, string(state)); err != nil {
			return p, err
		}
	}
	return p, nil
}

// plus adds figures up.
func plus(a, b store.Figures) store.Figures {
	return store.Figures{Opened: a.Opened + b.Opened, Resolved: a.Resolved + b.Resolved,
		Response: a.Response + b.Response, ResponseOf: a.ResponseOf + b.ResponseOf, ResponseKept: a.ResponseKept + b.ResponseKept,
		Resolution: a.Resolution + b.Resolution, ResolutionOf: a.ResolutionOf + b.ResolutionOf, ResolutionKept: a.ResolutionKept + b.ResolutionKept,
		Kept: a.Kept + b.Kept, Missed: a.Missed + b.Missed, Reopened: a.Reopened + b.Reopened, Good: a.Good + b.Good, Fair: a.Fair + b.Fair, Bad: a.Bad + b.Bad}
}
