package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"guichet/cmd/guichet/app"
	"guichet/cmd/guichet/config"
	"guichet/helpdesk"
)

// routeCmd tells which queue a new ticket would go to. It needs the configuration and nothing else: no database, no tokens.
type routeCmd struct {
	Explain      bool   `help:"Tell each rule that is looked at, in order, and why it fits or does not."`
	Service      string `placeholder:"KEY" help:"The key of its service. Default: nobody said, as by mail."`
	Kind         string `placeholder:"KIND" help:"incident or information. Default: incident; by mail, information."`
	Organization string `placeholder:"KEY" help:"The key of the requester's organization. Default: the first."`
	Text         string `help:"Its subject and description."`
	Mail         string `placeholder:"ADDRESS" help:"The address that it was mailed to."`
	Manager      bool   `help:"The requester is a manager."`
	At           string `placeholder:"TIME" help:"When, such as 2026-12-24T20:00, in the zone of this machine, or 2026-12-24T20:00:00+01:00. Default: now."`
}

// Run prints the queue.
func (r routeCmd) Run(e *env) error {
	c, err := config.LoadWithoutSecrets(e.config, e.environ)
	if err != nil {
		return problem{exitUsage, err}
	}
	catalog, _ := app.Catalog(c)
	a, err := r.arrival(catalog)
	if err != nil {
		return problem{exitUsage, err}
	}
	way := catalog.Route(a)
	if r.Explain {
		w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "RULE\tFITS\tQUEUE\tWHY")
		for _, step := range way.How {
			verdict := "no"
			if step.Chosen {
				verdict = "yes"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", step.Rule, verdict, step.Queue, step.Why)
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	switch {
	case way.Refused:
		fmt.Fprintf(e.stdout, "Nothing is opened: only managers may open tickets in the queue %s.\n", way.Queue)
	case r.Explain:
		fmt.Fprintf(e.stdout, "It goes to the queue %s.\n", way.Queue)
	default:
		fmt.Fprintln(e.stdout, way.Queue)
	}
	return nil
}

// arrival is the ticket that the flags describe.
func (r routeCmd) arrival(catalog *helpdesk.Catalog) (a helpdesk.Arrival, err error) {
	a = helpdesk.Arrival{Service: r.Service, Kind: cmp.Or(r.Kind, helpdesk.Incident), Organization: cmp.Or(r.Organization, catalog.Organizations[0].Key),
		Text: r.Text, Manager: r.Manager, At: time.Now()}
	if r.Mail != "" {
		a.Kind = cmp.Or(r.Kind, helpdesk.Information)
	}
	var services, organizations, addresses []string
	for _, s := range catalog.Services {
		services = append(services, s.Key)
	}
	for _, o := range catalog.Organizations {
		organizations = append(organizations, o.Key)
	}
	for _, q := range catalog.Queues {
		if q.Mail != "" {
			addresses = append(addresses, q.Mail)
		}
	}
	mail := strings.ToLower(r.Mail)
	for _, of := range []struct {
		flag, is string
		among    []string
	}{{"--service", a.Service, services}, {"--kind", a.Kind, helpdesk.Kinds}, {"--organization", a.Organization, organizations}, {"--mail", mail, addresses}} {
		if of.is == "" || slices.Contains(of.among, of.is) {
			continue
		}
		if near := helpdesk.Nearest(of.is, of.among); near != "" {
			return a, fmt.Errorf("%s: there is no %q: did you mean %q?", of.flag, of.is, near)
		}
		return a, fmt.Errorf("%s: there is no %q: there is %s", of.flag, of.is, cmp.Or(strings.Join(of.among, ", "), "none"))
	}
	if q, ok := catalog.QueueOfMail(mail); ok && q.Mail != catalog.Mail { // the desk's own address is every queue's
		a.Address = q.Key
	}
	if r.At != "" {
		if a.At, _, err = instant(r.At); err != nil {
			return a, fmt.Errorf("--at: %w", err)
		}
	}
	return a, nil
}
