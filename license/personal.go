package license

import (
	"context"
	"slices"

	"guichet/helpdesk"
	"guichet/money"
	"guichet/store"
)

// What there is of somebody here, for an operator who owes them their data: what they asked for, ordered, approved and ended, and the
// licenses and services that they have. Of other people's words, and of who these are, there is nothing in it.

// KnownRequest is a request that somebody made, asked about or decided.
type KnownRequest struct {
	Request      store.RequestID `json:"request"`
	Organization string          `json:"organization"`
	License      string          `json:"license"`
	State        string          `json:"state"`
	Made         bool            `json:"made,omitempty"`
	Decided      bool            `json:"decided,omitempty"`
	Account      string          `json:"account,omitempty"` // by which they made it
	Reason       string          `json:"reason,omitempty"`
	Question     string          `json:"question,omitempty"`
	Answer       string          `json:"answer,omitempty"`
	Refusal      string          `json:"refusal,omitempty"`
	At           store.Time      `json:"at"`
	DecidedAt    store.Time      `json:"decided_at,omitzero"`
}

// KnownOrder is an order that somebody made or refused, or that they were asked to approve.
type KnownOrder struct {
	Order        store.OrderID   `json:"order"`
	Organization string          `json:"organization"`
	State        string          `json:"state"`
	Made         bool            `json:"made,omitempty"`
	Refused      bool            `json:"refused,omitempty"`
	Account      string          `json:"account,omitempty"` // by which they made it, as all that follows but for the last three
	Language     string          `json:"language,omitempty"`
	Currency     string          `json:"currency,omitempty"`
	Net          string          `json:"net,omitempty"`
	VAT          string          `json:"vat,omitempty"`
	Lines        []KnownLine     `json:"lines,omitempty"`
	Terms        []KnownTerms    `json:"terms,omitempty"`
	Approvals    []KnownApproval `json:"approvals,omitempty"` // theirs
	Reason       string          `json:"reason,omitempty"`
	At           store.Time      `json:"at"`
	DecidedAt    store.Time      `json:"decided_at,omitzero"`
}

// KnownLine is a line of somebody's order.
type KnownLine struct {
	License  string `json:"license"`
	Quantity int64  `json:"quantity"`
	Net      string `json:"net"`
}

// KnownTerms are terms that somebody has accepted.
type KnownTerms struct {
	Kind     string `json:"kind"`
	Service  string `json:"service,omitempty"`
	Version  string `json:"version"`
	SHA256   string `json:"sha256"`
	Language string `json:"language"`
}

// KnownApproval is somebody's turn to approve an order.
type KnownApproval struct {
	Step    int        `json:"step"`
	Account string     `json:"account,omitempty"` // of theirs, which was asked
	At      store.Time `json:"approved_at,omitzero"`
}

// KnownActivation is an activation that somebody asked for, or of which they said why it failed.
type KnownActivation struct {
	Activation   store.ActivationID `json:"activation"`
	Organization string             `json:"organization"`
	License      string             `json:"license"`
	Quantity     int64              `json:"quantity"`
	State        string             `json:"state"`
	Made         bool               `json:"made,omitempty"`
	Account      string             `json:"account,omitempty"`
	Ticket       store.TicketID     `json:"ticket,omitempty"`
	Reason       string             `json:"reason,omitempty"`
	At           store.Time         `json:"at"`
}

// KnownTermination is a termination by somebody.
type KnownTermination struct {
	Termination  store.TerminationID `json:"termination"`
	Organization string              `json:"organization"`
	License      string              `json:"license"`
	Quantity     int64               `json:"quantity"`
	State        string              `json:"state"`
	Account      string              `json:"account"`
	Attested     bool                `json:"attested,omitempty"`
	EffectiveAt  store.Time          `json:"effective_at"`
	At           store.Time          `json:"at"`
}

// KnownSeat is a license that somebody has.
type KnownSeat struct {
	Seat         int64      `json:"seat"`
	Organization string     `json:"organization"`
	License      string     `json:"license"`
	Mail         string     `json:"mail,omitempty"`
	At           store.Time `json:"at"`
}

// KnownAdministrator is somebody as an administrator. Until they have confirmed their address there is what a manager said of them.
type KnownAdministrator struct {
	Administrator store.AdministratorID `json:"administrator"`
	Organization  string                `json:"organization"`
	Services      []string              `json:"services,omitempty"`
	Waiting       []string              `json:"waiting,omitempty"` // services which they administer once they have confirmed it
	Name          string                `json:"name,omitempty"`
	Phone         string                `json:"phone,omitempty"`
	Mail          string                `json:"mail,omitempty"`
	Language      string                `json:"language,omitempty"`
	At            store.Time            `json:"at"`
}

// KnownOf goes through all this.
func (d *Desk) KnownOf(ctx context.Context, a store.Account, each func(any) error) error {
	who, err := d.people.SelvesOf(ctx, a)
	if err != nil {
		return err
	}
	for _, part := range []func(context.Context, store.Selves, func(any) error) error{
		d.knownSeats, d.knownAdministrators, d.knownRequests, d.knownOrders, d.knownActivations, d.knownTerminations,
	} {
		if err := part(ctx, who, each); err != nil {
			return err
		}
	}
	return nil
}

// when is a text if something is so.
func when(so bool, text string) string {
	if so {
		return text
	}
	return ""
}

func accountOf(workspace, id string) string {
	return store.AccountName(store.Account{Workspace: workspace, ID: id})
}

func (d *Desk) knownSeats(ctx context.Context, who store.Selves, each func(any) error) error {
	return helpdesk.InPages(ctx, d.db, func(tx *store.Tx, after int64, limit int) ([]store.Seat, error) {
		return tx.SeatsOf(ctx, who, after, limit)
	}, func(s store.Seat) (int64, error) {
		return s.ID, each(KnownSeat{s.ID, s.Organization, s.License, s.Mail, s.At})
	})
}

func (d *Desk) knownAdministrators(ctx context.Context, who store.Selves, each func(any) error) error {
	return helpdesk.InPages(ctx, d.db, func(tx *store.Tx, after int64, limit int) (all []KnownAdministrator, err error) {
		as, err := tx.AdministratorsOf(ctx, who, store.AdministratorID(after), limit)
		for _, a := range as {
			if err != nil {
				return nil, err
			}
			k := KnownAdministrator{Administrator: a.ID, Organization: a.Organization, Name: a.Name, Phone: a.Phone, Mail: a.Mail, Language: a.Language, At: a.CreatedAt}
			var services []store.Administered
			services, err = tx.AdministeredIn(ctx, a.Organization)
			for _, s := range services {
				switch {
				case s.Administrator != a.ID:
				case s.Waiting:
					k.Waiting = append(k.Waiting, s.Service)
				default:
					k.Services = append(k.Services, s.Service)
				}
			}
			all = append(all, k)
		}
		return all, err
	}, func(k KnownAdministrator) (int64, error) { return int64(k.Administrator), each(k) })
}

func (d *Desk) knownRequests(ctx context.Context, who store.Selves, each func(any) error) error {
	return helpdesk.InPages(ctx, d.db, func(tx *store.Tx, after int64, limit int) ([]store.Request, error) {
		return tx.RequestsOf(ctx, who, store.RequestID(after), limit)
	}, func(r store.Request) (int64, error) {
		made, asked, by := slices.Contains(who.People, r.Person), slices.Contains(who.People, r.AskedBy), slices.Contains(who.People, r.By)
		return int64(r.ID), each(KnownRequest{Request: r.ID, Organization: r.Organization, License: r.License, State: r.State, Made: made,
			Decided: by && r.State != store.RequestOpen, Account: when(made, accountOf(r.Source, r.Account)), Reason: when(made, r.Reason), Question: when(asked, r.Question),
			Answer: when(made, r.Answer), Refusal: when(by, r.Words), At: r.CreatedAt, DecidedAt: r.DecidedAt})
	})
}

// orderWhole is an order with what belongs to it.
type orderWhole struct {
	store.Order
	lines []store.OrderLine
	terms []store.Acceptance
	steps []store.ApprovalStep
}

func (d *Desk) knownOrders(ctx context.Context, who store.Selves, each func(any) error) error {
	return helpdesk.InPages(ctx, d.db, func(tx *store.Tx, after int64, limit int) (all []orderWhole, err error) {
		os, err := tx.OrdersOf(ctx, who, store.OrderID(after), limit)
		for _, o := range os {
			one := orderWhole{Order: o}
			if err == nil {
				one.steps, err = tx.ApprovalSteps(ctx, o.ID)
			}
			if err == nil && slices.Contains(who.People, o.Person) {
				one.lines, err = tx.OrderLines(ctx, o.ID)
			}
			if err == nil && slices.Contains(who.People, o.Person) {
				one.terms, err = tx.Acceptances(ctx, o.ID)
			}
			all = append(all, one)
		}
		return all, err
	}, func(o orderWhole) (int64, error) { return int64(o.ID), each(o.known(who)) })
}

// known is as much of an order as is somebody's.
func (o orderWhole) known(who store.Selves) KnownOrder {
	made, refused := slices.Contains(who.People, o.Person), slices.Contains(who.People, o.RefusedBy)
	amount := func(minor int64) string { return money.Amount{Minor: minor, Currency: o.Currency}.String() }
	k := KnownOrder{Order: o.ID, Organization: o.Organization, State: o.State, Made: made, Refused: refused, Reason: when(refused, o.Reason), At: o.CreatedAt, DecidedAt: o.DecidedAt}
	if made {
		k.Account, k.Language, k.Currency, k.Net, k.VAT = accountOf(o.Source, o.Account), o.Language, o.Currency, amount(o.Net), amount(o.VAT)
	}
	for _, l := range o.lines {
		k.Lines = append(k.Lines, KnownLine{l.License, l.Quantity, amount(l.Net)})
	}
	for _, t := range o.terms {
		k.Terms = append(k.Terms, KnownTerms{t.Kind, t.Service, t.Version, t.Hash, t.Language})
	}
	for _, s := range o.steps {
		a := KnownApproval{Step: s.Step}
		for _, asked := range []store.Account{s.Account, s.StandIn()} {
			if slices.Contains(who.Accounts, asked) {
				a.Account = store.AccountName(asked)
			}
		}
		if slices.Contains(who.People, s.Person) {
			a.At = s.At
		}
		if a.Account != "" || !a.At.IsZero() {
			k.Approvals = append(k.Approvals, a)
		}
	}
	return k
}

func (d *Desk) knownActivations(ctx context.Context, who store.Selves, each func(any) error) error {
	return helpdesk.InPages(ctx, d.db, func(tx *store.Tx, after int64, limit int) ([]store.Activation, error) {
		return tx.ActivationsOf(ctx, who, store.ActivationID(after), limit)
	}, func(x store.Activation) (int64, error) {
		made, theirs := slices.Contains(who.People, x.Person), slices.Contains(who.People, x.FailedBy)
		return int64(x.ID), each(KnownActivation{Activation: x.ID, Organization: x.Organization, License: x.License, Quantity: x.Quantity, State: x.State, Made: made,
			Account: when(made, accountOf(x.Source, x.Account)), Ticket: x.Ticket, Reason: when(theirs, x.Reason), At: x.CreatedAt})
	})
}

func (d *Desk) knownTerminations(ctx context.Context, who store.Selves, each func(any) error) error {
	return helpdesk.InPages(ctx, d.db, func(tx *store.Tx, after int64, limit int) ([]store.Termination, error) {
		return tx.TerminationsOf(ctx, who, store.TerminationID(after), limit)
	}, func(t store.Termination) (int64, error) {
		return int64(t.ID), each(KnownTermination{Termination: t.ID, Organization: t.Organization, License: t.License, Quantity: t.Quantity, State: t.State,
			Account: accountOf(t.Source, t.Account), Attested: t.Attested, EffectiveAt: t.EffectiveAt, At: t.CreatedAt})
	})
}
