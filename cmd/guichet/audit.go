package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"guichet/cmd/guichet/app"
	"guichet/store"
)

// auditCmd is for the operator who has to prove something, or owes somebody an answer about their data.
type auditCmd struct {
	Verify verifyAuditCmd `cmd:"" help:"Go through each organization's chain, and name the first place where something is wrong."`
	Export exportAuditCmd `cmd:"" help:"Print what there is of a person beside tickets, as lines of JSON: their profile, what they did with licenses, and what the log has of them."`
	Forget forgetAuditCmd `cmd:"" help:"Blank what is personal in the log about a person, and their words and their phone number beside it. The chain stays whole; this can't be undone."`
}

type verifyAuditCmd struct{}

func (verifyAuditCmd) Run(ctx context.Context, e *env) error {
	return withApp(ctx, e, func(a *app.App) error {
		all, err := a.Desk().VerifyAudit(ctx)
		if err != nil {
			return err
		}
		broken := 0
		for _, o := range all {
			if o.Broken != "" {
				broken++
				fmt.Fprintf(e.stdout, "%s: BROKEN after %d entries: %s\n", o.Organization, o.Sealed, o.Broken)
				continue
			}
			fmt.Fprintf(e.stdout, "%s: %d entries in order, the last with %s\n", o.Organization, o.Sealed, o.Last)
		}
		if len(all) == 0 {
			fmt.Fprintln(e.stdout, "the log is empty")
		}
		if broken > 0 {
			return problem{exitProblem, fmt.Errorf("%d of %d chains are broken", broken, len(all))}
		}
		return nil
	})
}

type exportAuditCmd struct {
	Person string `required:"" placeholder:"WORKSPACE:USER" help:"Who it is about: a workspace's key and the id of an account there, or a mail address that they have confirmed."`
}

// exported is an entry as it is printed.
type exported struct {
	Entry        int64           `json:"entry"`
	At           time.Time       `json:"at"`
	Organization string          `json:"organization"`
	Act          string          `json:"act"`
	Did          bool            `json:"did,omitempty"` // they did it, rather than it was done to them
	Detail       json.RawMessage `json:"detail,omitempty"`
	Personal     json.RawMessage `json:"personal,omitempty"`
	Source       string          `json:"source"`
}

func (x exportAuditCmd) Run(ctx context.Context, e *env) error {
	return withAccount(ctx, e, x.Person, func(a *app.App, account store.Account) error {
		out := json.NewEncoder(e.stdout)
		who, err := a.Desk().SelvesOf(ctx, account)
		if err != nil {
			return err
		}
		if err := a.Desk().ProfileOf(ctx, account, out.Encode); err != nil {
			return err
		}
		if err := a.Licenses().KnownOf(ctx, account, out.Encode); err != nil {
			return err
		}
		return a.Desk().AuditOf(ctx, account, func(n store.Entry) error {
			return out.Encode(exported{n.ID, n.At.Time, n.Organization, n.Act, slices.Contains(who.People, n.Actor), json.RawMessage(n.Detail), json.RawMessage(n.Personal), n.Source})
		})
	})
}

type forgetAuditCmd struct {
	Person string `required:"" placeholder:"WORKSPACE:USER" help:"As for export."`
}

func (f forgetAuditCmd) Run(ctx context.Context, e *env) error {
	return withAccount(ctx, e, f.Person, func(a *app.App, account store.Account) error {
		done, err := a.Desk().Forget(ctx, account)
		fmt.Fprintln(e.stdout, "entries blanked:", done.Entries)
		fmt.Fprintln(e.stdout, "other fields blanked:", done.Fields)
		return err
	})
}

// withAccount is withApp for what is about somebody.
func withAccount(ctx context.Context, e *env, named string, f func(*app.App, store.Account) error) error {
	return withApp(ctx, e, func(a *app.App) error {
		account, _, err := a.AccountOf(named)
		if err != nil {
			return problem{exitUsage, err}
		}
		return f(a, account)
	})
}
