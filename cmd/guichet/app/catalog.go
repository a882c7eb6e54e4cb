package app

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"guichet/cmd/guichet/config"
	"guichet/helpdesk"
	"guichet/helpdesk/clock"
	"guichet/store"
)

// Catalog turns a configuration into what the desk offers, and the managers by organization.
func Catalog(c *config.Config) (*helpdesk.Catalog, map[string][]store.Account) {
	catalog, managers, _ := offered(c)
	return catalog, managers
}

// offered is Catalog, with the calendars that are to be read.
func offered(c *config.Config) (*helpdesk.Catalog, map[string][]store.Account, []*rotaFile) {
	var rotas []*rotaFile
	workspace := map[string]string{} // the configuration's key to the store's name
	belongs := map[string][]string{}
	places := named(c)
	for _, key := range slices.Sorted(maps.Keys(places)) {
		p := places[key]
		workspace[key] = p.workspace
		belongs[p.organization] = append(belongs[p.organization], p.workspace)
	}
	catalog := &helpdesk.Catalog{DefaultQueue: c.DefaultQueue, Mail: strings.ToLower(c.Mail.From), Priorities: priorities(c.Priorities), Confirms: c.Mail.From != "" && c.Link != "",
		Files: helpdesk.Files{Off: c.Files.Off, Largest: int64(c.Files.Largest), Refuse: c.Files.Refuse}}
	managers := map[string][]store.Account{}
	for _, o := range c.Organizations {
		catalog.Organizations = append(catalog.Organizations, helpdesk.Organization{
			Key: o.Key, Name: o.Name, Language: o.Language, AccountURL: o.AccountURL, Workspaces: belongs[o.Key], Domains: o.MailDomains})
		for _, m := range o.Managers {
			managers[o.Key] = append(managers[o.Key], store.Account{Workspace: workspace[m.Workspace], ID: m.User})
		}
	}
	for _, q := range c.Queues {
		queue := helpdesk.Queue{
			Key: q.Key, Name: q.Name.In, Language: q.Language, TimeZone: q.TimeZone, Organizations: q.Organizations,
			Place: store.Place{Workspace: workspace[q.Workspace], Channel: q.Channel},
			Mail:  strings.ToLower(q.Mail), Strangers: q.Strangers,
			ThreadDefault: helpdesk.Public, Undo: q.Undo, CloseAfter: q.CloseAfter, ReopenWithin: q.ReopenWithin,
			Calendar: calendar(q), Targets: targets(q.SLA), Lead: store.Account{Workspace: workspace[q.Lead.Workspace], ID: q.Lead.User},
		}
		queue.ManagersOnly, queue.Prefix = q.OpenTo == "managers", q.Prefix
		if q.Assign != "by_hand" {
			queue.Assign = q.Assign
		}
		if q.OnCallFile != "" {
			f := &rotaFile{path: q.OnCallFile, zone: q.TimeZone}
			rotas, queue.Rota = append(rotas, f), f.at
		}
		reminders(&queue, q.Reminders)
		if q.ThreadDefault == "internal" {
			queue.ThreadDefault = helpdesk.Internal
		}
		if queue.Mail == "" && q.Key == c.DefaultQueue {
			queue.Mail = strings.ToLower(c.Mail.From)
		}
		catalog.Queues = append(catalog.Queues, queue)
	}
	for _, s := range c.Services {
		catalog.Services = append(catalog.Services, helpdesk.Service{Key: s.Key, Name: s.Name.In, Queue: s.Queue, Form: helpdesk.Form(s.Form)})
	}
	for _, m := range c.Macros {
		catalog.Macros = append(catalog.Macros, helpdesk.Macro{Key: m.Key, Title: m.Title.In, Queues: m.Queues, Text: m.Text.In, Then: helpdesk.Act(m.Then)})
	}
	catalog.Routes = routes(c, catalog)
	return catalog, managers, rotas
}

// routes are the rules of the configuration.
func routes(c *config.Config, catalog *helpdesk.Catalog) (all []helpdesk.Route) {
	for i, r := range c.Routes {
		route := helpdesk.Route{Name: cmp.Or(r.Name, fmt.Sprintf("route %d", i+1)), Services: r.Service, Kinds: r.Kind,
			Organizations: r.Organization, Words: r.Words, Queue: r.Queue}
		if len(r.During) > 0 {
			var during []config.Hours
			for _, t := range r.During {
				during = append(during, t.Hours)
			}
			q, _ := catalog.Queue(r.Queue)
			route.During = clock.NewCalendar(cmp.Or(r.TimeZone, q.TimeZone), hours(during), "")
		}
		all = append(all, route)
	}
	return all
}
