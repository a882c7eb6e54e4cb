package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"guichet/cmd/guichet/app"
	"guichet/helpdesk"
)

// routeCmd tells which queue a new ticket would go to. It needs the configuration and nothing else.
type routeCmd struct {
	Explain      bool   `help:"Tell each rule that is looked at, in order, and why it fits or does not."`
	Service      string `help:"The key of its service."`
	Kind         string `default:"incident" help:"incident or information."`
	Organization string `help:"The key of the requester's organization. Default: the first."`
	Text         string `help:"Its subject and description."`
	Mail         string `help:"The address that it was mailed to."`
	Manager      bool   `help:"The requester is a manager."`
	At           string `help:"When, such as 2026-12-24T20:00, in the zone of this machine. Default: now."`
}

// Run prints the queue.
func (r routeCmd) Run(_ context.Context, e *env) error {
	c, _, err := e.load()
	if err != nil {
		return err
	}
	catalog, _ := app.Catalog(c)
	a := helpdesk.Arrival{Service: r.Service, Kind: r.Kind, Organization: r.Organization, Text: r.Text, Manager: r.Manager, At: time.Now()}
	if a.Organization == "" {
		a.Organization = catalog.Organizations[0].Key
	}
	var services, organizations []string
	for _, s := range catalog.Services {
		services = append(services, s.Key)
	}
	for _, o := range catalog.Organizations {
		organizations = append(organizations, o.Key)
	}
	for _, of := range []struct {
		flag, is string
		among    []string
	}{{"--service", a.Service, append(services, "")}, {"--kind", a.Kind, helpdesk.Kinds}, {"--organization", a.Organization, organizations}} {
		if !slices.Contains(of.among, of.is) {
			return problem{exitUsage, fmt.Errorf("%s: there is no %q: there are %s", of.flag, of.is, strings.Trim(strings.Join(of.among, ", "), ", "))}
		}
	}
	if r.Mail != "" {
		q, ok := catalog.QueueOfMail(strings.ToLower(r.Mail))
		if !ok {
			return problem{exitUsage, fmt.Errorf("--mail: %q is no queue's address", r.Mail)}
		}
		if q.Mail != catalog.Mail {
			a.Address = q.Key
		}
	}
	if r.At != "" {
		if a.At, _, err = instant(r.At); err != nil {
			return problem{exitUsage, fmt.Errorf("--at: %w", err)}
		}
	}
	queue, how := catalog.Route(a)
	if !r.Explain {
		fmt.Fprintln(e.stdout, queue)
		return nil
	}
	w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	for _, step := range how {
		verdict := "no"
		if step.Chosen {
			verdict = "yes"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", step.Rule, verdict, step.Queue, step.Why)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "It goes to the queue %s.\n", queue)
	return nil
}
