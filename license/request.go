package license

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"guichet/helpdesk"
	"guichet/store"
)

// What is told of requests.
const (
	ToldRequest  = "request"  // to managers: somebody asks for a license
	ToldQuestion = "question" // to whoever asked: a manager wants to know something
	ToldDecided  = "decided"  // to whoever asked: what was decided
	ToldToOrder  = "to_order" // to managers: somebody who stands in for them has approved it
)

// Acts of the audit log that are about requests.
const (
	requestApproved = "request.approve"
	requestRefused  = "request.refuse"
	requestAsked    = "request.ask"
	requestAnswered = "request.answer"
)

// Refusals about requests.
const (
	UnknownRequest helpdesk.Code = "unknown_request" // or it is not theirs to see
	NotAsked       helpdesk.Code = "not_asked"       // only managers, and their fallback, decide
)

// MaxWords is how long a reason, a question or an answer may be, in characters.
const MaxWords = 1000

// CheckWords says what is wrong with one; empty: nothing.
func CheckWords(words string) string {
	switch {
	case strings.TrimSpace(words) == "":
		return helpdesk.FieldMissing
	case utf8.RuneCountInString(words) > MaxWords:
		return helpdesk.FieldTooLong
	}
	return ""
}

// Wish is what an employee asks for.
type Wish struct {
	License string
	Reason  string
	Account store.Account // by which they are told
	Nonce   string        // of the form
	// Subject and Text are those of a ticket, should there be no manager to ask.
	Subject, Text string
}

// RequestView is a request with who is concerned.
type RequestView struct {
	store.Request
	License  License
	Free     int64        // how many the organization has that nobody has
	From     store.Person // who asks
	By       store.Person // who decided, or asked last
	Asker    store.Person // who asked back
	Managers []string     // some of the managers who decide, by name; read by Ask alone
	Changed  bool
}

// mostNamed is how many managers whoever asks is told of.
const mostNamed = 5

// Ask asks the managers of the actor's organization for a license. Without a manager it is a ticket, for the desk itself.
func (d *Desk) Ask(ctx context.Context, a helpdesk.Actor, w Wish) (v RequestView, ticket helpdesk.Outcome, err error) {
	l, ok := d.catalog.Of(w.License)
	if !ok || CheckWords(w.Reason) != "" || w.Nonce == "" {
		return v, ticket, &helpdesk.Refusal{Code: helpdesk.BadForm}
	}
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		who, err := d.people.StandingIn(ctx, tx, a.Person)
		if err != nil {
			return err
		}
		if _, err := tx.FirstTime(ctx, helpdesk.FormKey(w.Nonce)); err != nil { // the request, or the ticket, has it too
			return err
		}
		managers, err := managersOf(ctx, tx, who.Person.Organization)
		if err != nil {
			return err
		}
		if len(managers) == 0 {
			a.Person, a.Organization = who.Person.ID, who.Person.Organization
			ticket, err = d.people.OpenRequest(ctx, tx, a, helpdesk.Requested{Queue: d.people.Catalog().DefaultQueue, Service: l.Service, Subject: w.Subject, Text: w.Text, Nonce: w.Nonce})
			return err
		}
		r := store.Request{Organization: who.Person.Organization, Person: who.Person.ID, Source: w.Account.Workspace, Account: w.Account.ID, License: w.License,
			Reason: strings.TrimSpace(w.Reason), Nonce: w.Nonce, State: store.RequestOpen, RemindAt: d.undecidedAt(tx.Now.Add(patience))}
		r, added, err := tx.AddRequest(ctx, r)
		if err != nil {
			return err
		}
		if r.Person != who.Person.ID {
			return &helpdesk.Refusal{Code: helpdesk.NotYourForm}
		}
		if v, err = d.requestView(ctx, tx, r); err != nil {
			return err
		}
		if v.Managers, err = tx.NamesOf(ctx, r.Organization, store.Manager, mostNamed); err != nil || !added {
			return err
		}
		v.Changed = true
		if err := d.markHomes(ctx, tx, r.Organization); err != nil {
			return err
		}
		return notify(ctx, tx, ToldRequest, int64(r.ID), managers...)
	})
	return v, ticket, err
}

// requestView reads what belongs to a request.
func (d *Desk) requestView(ctx context.Context, tx *store.Tx, r store.Request) (v RequestView, err error) {
	v = RequestView{Request: r, License: d.named(r.License)}
	h, err := tx.Holding(ctx, r.Organization, r.License)
	if err != nil {
		return v, err
	}
	line, err := d.line(ctx, tx, h)
	if err != nil {
		return v, err
	}
	v.Free = line.Free()
	people, err := tx.People(ctx, []store.PersonID{r.Person, r.By, r.AskedBy})
	v.From, v.By, v.Asker = people[r.Person], people[r.By], people[r.AskedBy]
	return v, err
}

// Requested reads a request for those who are told of it.
func (d *Desk) Requested(ctx context.Context, id int64) (v RequestView, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(ctx, store.RequestID(id))
		if err != nil {
			return err
		}
		v, err = d.requestView(ctx, tx, r)
		return err
	})
	return v, err
}

// RequestFor reads a request for those who decide about it.
func (d *Desk) RequestFor(ctx context.Context, a helpdesk.Actor, id int64) (v RequestView, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		_, err := d.request(ctx, tx, a, id, tx.Request, &v)
		return err
	})
	return v, err
}

// RequestOf reads a request for whoever made it.
func (d *Desk) RequestOf(ctx context.Context, a helpdesk.Actor, id int64) (RequestView, error) {
	v, err := d.Requested(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && v.Person != a.Person {
		return RequestView{}, &helpdesk.Refusal{Code: UnknownRequest}
	}
	return v, err
}

// request reads a request for somebody who decides about it: a manager of its organization, or its fallback.
func (d *Desk) request(ctx context.Context, tx *store.Tx, a helpdesk.Actor, id int64, read func(context.Context, store.RequestID) (store.Request, error), v *RequestView) (helpdesk.Standing, error) {
	who, err := d.people.StandingIn(ctx, tx, a.Person)
	if err != nil {
		return who, err
	}
	r, err := read(ctx, store.RequestID(id))
	if errors.Is(err, store.ErrNotFound) || err == nil && (r.Organization != who.Person.Organization || r.Organization == "") {
		return who, &helpdesk.Refusal{Code: UnknownRequest}
	}
	if err != nil {
		return who, err
	}
	decides, err := d.decides(ctx, tx, who, r)
	if err == nil && !decides {
		err = &helpdesk.Refusal{Code: NotAsked}
	}
	if err != nil {
		return who, err
	}
	*v, err = d.requestView(ctx, tx, r)
	return who, err
}

// decides says whether somebody of its organization decides about a request: its managers do and, unless it is their own, their fallback.
func (d *Desk) decides(ctx context.Context, tx *store.Tx, who helpdesk.Standing, r store.Request) (bool, error) {
	if who.Manager || r.Person == who.Person.ID {
		return who.Manager, nil
	}
	standsIn, err := d.personOf(ctx, tx, d.catalog.Approvals[r.Organization].Fallback)
	return standsIn == who.Person.ID, err
}

// decideOn changes a request that nobody has decided about yet; one that was decided is left as it is.
func (d *Desk) decideOn(ctx context.Context, a helpdesk.Actor, id int64, do func(*store.Tx, helpdesk.Standing, *RequestView) error) (v RequestView, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		who, err := d.request(ctx, tx, a, id, tx.LockRequest, &v)
		if err != nil || v.State != store.RequestOpen {
			return err
		}
		v.Request.By, v.By, v.Changed = who.Person.ID, who.Person, true
		if err := do(tx, who, &v); err != nil {
			return err
		}
		if err := d.markHomes(ctx, tx, v.Organization); err != nil {
			return err
		}
		if err := tx.SaveRequest(ctx, v.Request); err != nil || v.State == store.RequestOpen {
			return err
		}
		return redraw(ctx, tx, id, ToldRequest, ToldQuestion)
	})
	return v, err
}

// ApproveRequest says yes to a request: what is missing is ordered next, or one that is free is assigned.
func (d *Desk) ApproveRequest(ctx context.Context, a helpdesk.Actor, id int64) (RequestView, error) {
	return d.decideOn(ctx, a, id, func(tx *store.Tx, who helpdesk.Standing, v *RequestView) error {
		v.State, v.DecidedAt, v.RemindAt = store.RequestApproved, tx.Now, store.Time{}
		if err := d.auditRequest(ctx, tx, *v, who.Person.ID, a.Source, requestApproved, "", ""); err != nil {
			return err
		}
		if !who.Manager {
			managers, err := managersOf(ctx, tx, v.Organization)
			if err != nil {
				return err
			}
			if err := notify(ctx, tx, ToldToOrder, id, managers...); err != nil {
				return err
			}
		}
		return notify(ctx, tx, ToldDecided, id, v.account())
	})
}

// RefuseRequest says no to a request, and why.
func (d *Desk) RefuseRequest(ctx context.Context, a helpdesk.Actor, id int64, words string) (v RequestView, err error) {
	if CheckWords(words) != "" {
		return v, &helpdesk.Refusal{Code: helpdesk.BadForm}
	}
	return d.decideOn(ctx, a, id, func(tx *store.Tx, who helpdesk.Standing, v *RequestView) error {
		v.State, v.Words, v.DecidedAt, v.RemindAt = store.RequestRefused, strings.TrimSpace(words), tx.Now, store.Time{}
		if err := d.auditRequest(ctx, tx, *v, who.Person.ID, a.Source, requestRefused, "reason", v.Words); err != nil {
			return err
		}
		return notify(ctx, tx, ToldDecided, id, v.account())
	})
}

// AskBack asks whoever asked for something more before it is decided.
func (d *Desk) AskBack(ctx context.Context, a helpdesk.Actor, id int64, words string) (v RequestView, err error) {
	if CheckWords(words) != "" {
		return v, &helpdesk.Refusal{Code: helpdesk.BadForm}
	}
	words = strings.TrimSpace(words)
	return d.decideOn(ctx, a, id, func(tx *store.Tx, who helpdesk.Standing, v *RequestView) error {
		if v.AskedBy == who.Person.ID && v.Question == words && v.Answer == "" { // they have asked it already
			v.Changed = false
			return nil
		}
		v.Question, v.AskedBy, v.Answer = words, who.Person.ID, ""
		if err := d.auditRequest(ctx, tx, *v, who.Person.ID, a.Source, requestAsked, "question", v.Question); err != nil {
			return err
		}
		return notify(ctx, tx, ToldQuestion, id, v.account())
	})
}

// Answer answers what a manager asked back: whoever made the request may, until it is decided. The answer is to the question with that hash: if
// another was asked since, nothing is changed.
func (d *Desk) Answer(ctx context.Context, a helpdesk.Actor, id int64, question, words string) (v RequestView, err error) {
	if CheckWords(words) != "" {
		return v, &helpdesk.Refusal{Code: helpdesk.BadForm}
	}
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		who, err := d.people.StandingIn(ctx, tx, a.Person)
		if err != nil {
			return err
		}
		r, err := tx.LockRequest(ctx, store.RequestID(id))
		if errors.Is(err, store.ErrNotFound) || err == nil && r.Person != who.Person.ID {
			return &helpdesk.Refusal{Code: UnknownRequest}
		}
		if err != nil {
			return err
		}
		if v, err = d.requestView(ctx, tx, r); err != nil || r.State != store.RequestOpen || r.AskedBy == 0 || v.Asked() != question ||
			r.Answer == strings.TrimSpace(words) { // decided, not asked, asked something else, or sent twice
			return err
		}
		v.Answer, v.Changed = strings.TrimSpace(words), true
		if err := errors.Join(tx.SaveRequest(ctx, v.Request), redraw(ctx, tx, id, ToldQuestion)); err != nil { // managers are told anew
			return err
		}
		if err := d.auditRequest(ctx, tx, v, who.Person.ID, a.Source, requestAnswered, "answer", v.Answer); err != nil {
			return err
		}
		managers, err := managersOf(ctx, tx, r.Organization)
		if err != nil {
			return err
		}
		if err := notify(ctx, tx, ToldRequest, id, managers...); err != nil {
			return err
		}
		asker, err := d.people.StandingIn(ctx, tx, r.By)
		if err != nil || asker.Manager {
			return err
		}
		return tellInChat(ctx, tx, ToldRequest, id, r.By) // the fallback, who has asked
	})
	return v, err
}

// AskFallback asks an organization's fallback about a request, for a manager who is away.
func (d *Desk) AskFallback(ctx context.Context, id int64) error {
	return d.db.Write(ctx, func(tx *store.Tx) error {
		r, err := tx.LockRequest(ctx, store.RequestID(id))
		if err != nil || r.State != store.RequestOpen {
			return err
		}
		fallback := d.catalog.Approvals[r.Organization].Fallback
		managers, err := managersOf(ctx, tx, r.Organization)
		if err != nil || fallback.ID == "" || slices.Contains(managers, fallback) || fallback == (store.Account{Workspace: r.Source, ID: r.Account}) {
			return err
		}
		if first, err := tx.FirstTime(ctx, fmt.Sprintf("fallback:%d:%d", id, r.RemindAt.UnixMilli())); err != nil || !first {
			return err
		}
		return notify(ctx, tx, ToldRequest, id, fallback)
	})
}

// Asked is the hash by which an answer names the question that it is to.
func (v RequestView) Asked() string { return HashOf(v.Question) }

// account is by which whoever asked is told.
func (v *RequestView) account() store.Account {
	return store.Account{Workspace: v.Source, ID: v.Account}
}

// auditRequest keeps an act on a request for good, and what they said with it until one of the two is forgotten.
func (d *Desk) auditRequest(ctx context.Context, tx *store.Tx, v RequestView, by store.PersonID, source, act, what, said string) error {
	detail, err := json.Marshal(map[string]any{"request": v.ID, "license": v.Request.License})
	e := store.Entry{Organization: v.Organization, Actor: by, Subject: v.Person, Act: act, Detail: string(detail), Source: source}
	return errors.Join(err, auditSaid(ctx, tx, e, what, said))
}

// auditSaid adds an entry to the audit log with what its actor has said; empty: nothing.
func auditSaid(ctx context.Context, tx *store.Tx, e store.Entry, what, said string) error {
	if said == "" {
		return tx.Audit(ctx, e)
	}
	personal, err := json.Marshal(map[string]string{what: said})
	e.Personal, e.Said = string(personal), true
	return errors.Join(err, tx.Audit(ctx, e))
}
