package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"guichet/cmd/guichet/app"
	"guichet/store"
)

// roleCmd is for the operator who makes somebody a manager without a restart, or wants to know who is.
type roleCmd struct {
	List   listRolesCmd  `cmd:"" help:"Print who has which role, and by whom."`
	Grant  grantRoleCmd  `cmd:"" help:"Give somebody a role. It stays until it is revoked, whatever the configuration says."`
	Revoke revokeRoleCmd `cmd:"" help:"Take away a role that was given by this command."`
}

type listRolesCmd struct{}

func (listRolesCmd) Run(ctx context.Context, e *env) error {
	return withApp(ctx, e, func(a *app.App) error {
		hs, err := a.Desk().Holders(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ORGANIZATION\tROLE\tWHO\tNAME\tBY")
		for _, h := range hs {
			by := "the configuration"
			if h.Origin == store.ByCommand {
				by = "role grant"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", h.Organization, h.Role, a.NameOf(h.Account), h.Name, by)
		}
		return w.Flush()
	})
}

// whose is a role of somebody, as it is named on the command line.
type whose struct {
	Who  string `arg:"" placeholder:"WORKSPACE:USER" help:"A workspace's key in the configuration and the id of somebody's account there, such as acme:U02MARTIN."`
	Role string `default:"manager" enum:"manager" help:"The role."`
}

func (w whose) account(a *app.App) (account store.Account, organization string, err error) {
	account, organization, err = a.AccountOf(w.Who)
	if err == nil && organization == "" {
		err = fmt.Errorf("%s is a mail address: roles go by accounts in a chat", w.Who)
	}
	if err != nil {
		return account, "", problem{exitUsage, err}
	}
	return account, organization, nil
}

type grantRoleCmd struct{ whose }

func (g grantRoleCmd) Run(ctx context.Context, e *env) error {
	return withApp(ctx, e, func(a *app.App) error {
		account, organization, err := g.account(a)
		if err != nil {
			return err
		}
		changed, err := a.Desk().GiveRole(ctx, account, organization, g.Role)
		if err != nil {
			return err
		}
		what := "is now"
		if !changed {
			what = "was already, and stays,"
		}
		fmt.Fprintf(e.stdout, "%s %s %s of %s\n", g.Who, what, g.Role, organization)
		return nil
	})
}

type revokeRoleCmd struct{ whose }

func (r revokeRoleCmd) Run(ctx context.Context, e *env) error {
	return withApp(ctx, e, func(a *app.App) error {
		account, organization, err := r.account(a)
		if err != nil {
			return err
		}
		changed, err := a.Desk().TakeRole(ctx, account, organization, r.Role)
		if err != nil {
			return err
		}
		if !changed {
			return fmt.Errorf("%s has no such role by \"role grant\"; who is named in the configuration is taken out there", r.Who)
		}
		fmt.Fprintf(e.stdout, "%s is no %s of %s any more, unless the configuration says so\n", r.Who, r.Role, organization)
		return nil
	})
}
