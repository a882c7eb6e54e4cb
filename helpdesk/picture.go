package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"guichet/store"
)

// TellPicture is a delivery of statistics as a picture: to a queue's channel, in the lane of the digest that it goes with,
// or to somebody alone who asked for it. It is about no ticket; its lane says what it shows.
const TellPicture = "picture"

// Picture is what a picture of statistics shows: one queue's, or one organization's.
type Picture struct {
	From, To time.Time
	Part     StatsPart
	Steps    []Step // of the period, in order: days, or weeks
	Weeks    bool
	Zone     *time.Location
	Digest   bool          // it goes with a digest, which has the figures already
	Language string        // of who will see it
	Channel  string        // where they will, if in a queue's channel
	Account  store.Account // whose direct channel it is for, if not
	Private  bool          // that channel was lately seen to be private, or is somebody's own
	Unsure   string        // the queue of which it must be looked up whether they are an agent
	Over     bool          // there is nothing to show, or it is no business of theirs any more
}

// Step is a day or a week of a period, as far as it lies within.
type Step struct {
	Begins time.Time // the day, or the Monday
	store.Flow
}

// longestByDay is up to how many days a period is shown day by day.
const longestByDay = 14

// SendPictures has statistics of the last days sent as pictures, to whoever asks for them and may have them.
func (d *Desk) SendPictures(ctx context.Context, a Actor, days int) error {
	if !slices.Contains(StatsDays, days) {
		return refuse(BadForm, store.Ticket{})
	}
	return d.db.Write(ctx, func(tx *store.Tx) error {
		who, err := d.standing(ctx, tx, a.Person)
		if err != nil {
			return err
		}
		of, err := d.statsFor(who)
		if err != nil {
			return err
		}
		switch first, err := tx.FirstTime(ctx, a.Request); {
		case err != nil:
			return err
		case !first:
			return ErrDuplicate
		}
		for _, w := range of {
			sort, key := "queue", w.Queue
			if w.Queue == "" {
				sort, key = "organization", w.Organization
			}
			err := tx.Enqueue(ctx, store.Delivery{Lane: fmt.Sprintf("%s/%s/%s/%d/%d/%d", TellPicture, sort, key, days, who.Person.ID, tx.Now.UnixMilli()),
				Workspace: a.Source, Kind: TellPicture, Person: who.Person.ID})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Picture reads what a picture is to show.
func (d *Desk) Picture(ctx context.Context, del store.Delivery) (p Picture, err error) {
	w, days, err := showsPicture(del)
	if err != nil {
		return p, err
	}
	p.Part.Where = w
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		if err := d.pictureFor(ctx, tx, del, w, &p); err != nil || p.Over || p.Unsure != "" {
			return err
		}
		p.To = laneTime(del.Lane)
		p.From, p.Weeks = p.To.AddDate(0, 0, -days), days > longestByDay
		begins := steps(p.From, p.To, p.Zone, p.Weeks)
		var between []store.Time
		for _, t := range begins[1:] {
			between = append(between, store.At(t))
		}
		flows, err := tx.Flows(ctx, w, store.At(p.From), store.At(p.To), between)
		if err != nil {
			return err
		}
		for i, f := range flows {
			p.Steps = append(p.Steps, Step{begins[i], f})
		}
		p.Part, err = d.figures(ctx, tx, w, p.From, p.To)
		p.Over = p.Digest && p.Part.idle()
		return err
	})
	return p, err
}

// showsPicture reads off a delivery whose figures its picture shows, and of how many days.
func showsPicture(del store.Delivery) (w store.Where, days int, err error) {
	parts := strings.Split(del.Lane, "/")
	switch {
	case len(parts) == 4 && parts[0] == TellDigest:
		return store.Where{Queue: parts[1]}, weekly, nil
	case len(parts) == 6 && parts[0] == TellPicture && parts[1] == "queue":
		w.Queue = parts[2]
	case len(parts) == 6 && parts[0] == TellPicture:
		w.Organization = parts[2]
	default:
		return w, 0, fmt.Errorf("helpdesk: %q is no lane of a picture", del.Lane)
	}
	days, err = strconv.Atoi(parts[3])
	return w, days, err
}

// laneTime is the instant at the end of a lane: until when figures count. It stays the same however late they are read, so
// that a digest and its picture agree.
func laneTime(lane string) time.Time {
	ms, _ := strconv.ParseInt(lane[strings.LastIndexByte(lane, '/')+1:], 10, 64)
	return time.UnixMilli(ms)
}

// pictureFor finds out who will see a picture, and whether they may.
func (d *Desk) pictureFor(ctx context.Context, tx *store.Tx, del store.Delivery, w store.Where, p *Picture) error {
	q, ok := d.catalog.Queue(w.Queue)
	if !ok && w.Queue != "" {
		return fmt.Errorf("helpdesk: queue %q is not configured", w.Queue)
	}
	if !ok {
		q, _ = d.catalog.Queue(d.catalog.DefaultQueue)
	}
	p.Zone = q.TimeZone
	var err error
	if p.Private, err = d.private(ctx, tx, del, q.Key); err != nil {
		return err
	}
	if del.Person == 0 {
		p.Digest, p.Language, p.Channel = true, q.Language, q.Place.Channel
		return nil
	}
	who, err := d.standing(ctx, tx, del.Person)
	if err != nil {
		return err
	}
	p.Language = who.Person.Language
	switch {
	case w.Queue != "" && slices.Contains(who.Unsure, w.Queue):
		p.Unsure = w.Queue
		return nil
	case w.Queue != "" && !slices.Contains(who.Queues, w.Queue), w.Queue == "" && (!who.Manager || who.Person.Organization != w.Organization):
		p.Over = true
		return nil
	}
	p.Account, err = tx.AccountIn(ctx, who.Person.ID, del.Workspace)
	if errors.Is(err, store.ErrNotFound) {
		p.Over, err = true, nil
	}
	return err
}

// steps are when the days, or the weeks, of a period begin.
func steps(from, to time.Time, zone *time.Location, weeks bool) (begins []time.Time) {
	from = from.In(zone)
	back, days := 0, 1
	if weeks {
		back, days = (int(from.Weekday())+6)%7, 7 // to Monday
	}
	for i := 0; ; i += days {
		t := time.Date(from.Year(), from.Month(), from.Day()-back+i, 0, 0, 0, 0, zone)
		if i > 0 && !t.Before(to) {
			return begins
		}
		begins = append(begins, t)
	}
}
