package app

import (
	"context"
	"time"

	"guichet/bot"
	"guichet/bot/relay"
	"guichet/cmd/guichet/config"
	"guichet/hook"
	"guichet/license"
	"guichet/money"
	"guichet/store"
)

// Licenses turns a configuration into what there are licenses of, and on which conditions.
func Licenses(c *config.Config) license.Catalog {
	all := license.Catalog{Services: map[string]license.Service{}, General: terms(c.GeneralTerms), Currency: c.Currency, Link: c.Link, Approvals: map[string]license.Approval{},
		Contracts: map[[2]string]time.Time{}, Sales: c.SalesQueue, Provisioning: c.ProvisioningQueue}
	r := c.LicenseReminders
	all.Zone, all.Reminders.Before = r.TimeZone, r.Ending.Before
	for _, q := range c.Queues {
		if q.Key == r.Calendar {
			all.Reminders.Calendar = calendar(q)
		}
	}
	for _, one := range []struct {
		off  bool
		at   config.Schedule
		into *license.Schedule
	}{{r.Undecided.Off, r.Undecided.Schedule, &all.Reminders.Undecided}, {r.Unused.Off, r.Unused.Schedule, &all.Reminders.Unused}, {r.Ending.Off, r.Ending.Schedule, &all.Reminders.Ending}} {
		if !one.off {
			*one.into = one.at
		}
	}
	for _, s := range c.Services {
		for _, l := range s.Licenses {
			one := license.License{Key: l.Key, Service: s.Key, Name: l.Name.In, Family: l.Family, Price: l.Price.In(c.Currency), VAT: money.Rate(l.VAT)}
			for _, t := range l.Tiers {
				one.Tiers = append(one.Tiers, license.Tier{From: int64(t.From), Price: t.Price.In(c.Currency)})
			}
			all.Licenses = append(all.Licenses, one)
		}
		all.Services[s.Key] = license.Service{Particular: terms(s.ParticularTerms), Specific: terms(s.SpecificTerms), Help: s.Help.In, AtVendor: s.Seats == "vendor",
			Vendor: s.Vendor.In, Unenrolled: s.Gate == "unenrolled", Webhook: s.Provisioner.By == "webhook", CountsDevices: s.Provisioner.Devices != "",
			Timeout: s.Provisioner.Timeout}
	}
	for _, q := range c.Queues {
		if q.Key == c.SalesQueue {
			all.OfferNote = func(o store.Order) string { return bot.OfferNote(q.Language, o) }
		}
	}
	accounts := named(c)
	account := func(m config.Manager) store.Account {
		if m == (config.Manager{}) {
			return store.Account{}
		}
		return store.Account{Workspace: accounts[m.Workspace].workspace, ID: m.User}
	}
	for _, o := range c.Organizations {
		if len(o.Approval.Approvers) > 0 {
			a := license.Approval{Amount: o.Approval.Amount.In(c.Currency), Quantity: int64(o.Approval.Quantity), Fallback: account(o.Approval.Fallback)}
			for _, m := range o.Approval.Approvers {
				a.Approvers = append(a.Approvers, account(m))
			}
			all.Approvals[o.Key] = a
		}
		for _, contract := range o.Contracts {
			all.Contracts[[2]string{o.Key, contract.Service}] = contract.Until.Last
		}
	}
	return all
}

// provisioners are the programs that make licenses usable: the relay calls them, and they call back.
func (a *App) provisioners(o *relay.Options) error {
	o.Licenses, o.Provisioners = a.licenses, map[string]relay.Provisioner{}
	counters := map[string]*hook.Program{}
	a.bot.CountDevices = func(ctx context.Context, service, organization, license string) (int64, error) {
		return counters[service].CountDevices(ctx, organization, license)
	}
	for _, s := range a.config.Services {
		p := s.Provisioner
		if p.By != "webhook" {
			continue
		}
		program, err := hook.New(hook.Options{Service: s.Key, URL: p.URL, Devices: p.Devices, Secret: p.Secret.Reveal(), Link: a.config.Link, Log: a.log}, a.licenses)
		if err != nil {
			return err
		}
		o.Provisioners[license.ProvisionerOf(s.Key)] = program
		counters[s.Key] = program
		a.calls[hook.Path+s.Key] = program
	}
	return nil
}

func terms(t config.Terms) license.Terms { return license.Terms{Version: t.Version, Texts: t.Text} }
