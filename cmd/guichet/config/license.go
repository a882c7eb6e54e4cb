package config

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"guichet/money"
)

// License is a sort of license of a service.
type License struct {
	Key string `yaml:"key" need:"write a short name, such as office-basic" is:"key" unique:"license"`
	// Name is shown to people. Default: the key.
	Name Words `yaml:"name"`
	// Family groups licenses of which one may be changed into another: an upgrade, or a downgrade. Default: none.
	Family string `yaml:"family" is:"key"`
	// Price is that of one license a month, net. Empty: it can't be ordered, but by a quote.
	Price Price `yaml:"price"`
	// Tiers are the prices of larger quantities. Default: there are none.
	Tiers []Tier `yaml:"tiers"`
	// VAT is the rate of value added tax. Default 20.
	VAT Rate `yaml:"vat"`
}

func (l *License) defaults() { l.VAT = 2000 }

// Tier is the price of a license where there are so many of them.
type Tier struct {
	// From is how many there are at least, once they are ordered.
	From Count `yaml:"from" need:"write how many licenses there are at least, such as 50"`
	// Price is that of one license a month, net.
	Price Price `yaml:"price" need:"write the price of one license, such as 4.60"`
}

// Price is an amount of the configuration's currency, written such as 5.10.
type Price struct{ text string }

var pricePattern = regexp.MustCompile(`^[0-9]{1,9}([.,][0-9]{1,4})?$`)

// UnmarshalText reads the price as the file writes it.
func (p *Price) UnmarshalText(text []byte) error {
	if !pricePattern.Match(text) {
		return fmt.Errorf("must be an amount, such as 5.10")
	}
	p.text = string(text)
	return nil
}

// MarshalText writes the price as the file does.
func (p Price) MarshalText() ([]byte, error) { return []byte(p.text), nil }

func (p Price) String() string { return p.text }

// In is the price as money of a currency, in which it was checked to be one; nothing, if there is none.
func (p Price) In(currency string) money.Amount {
	if p.text == "" {
		return money.Amount{}
	}
	a, _ := money.Parse(p.text, currency)
	return a
}

// Rate is one of value added tax, written such as 20 or 5.5.
type Rate money.Rate

// UnmarshalText reads the rate as the file writes it.
func (r *Rate) UnmarshalText(text []byte) error {
	rate, err := money.ParseRate(string(text))
	*r = Rate(rate)
	if err != nil {
		return fmt.Errorf("must be a rate from 0 to 100, such as 20 or 5.5")
	}
	return nil
}

// MarshalText writes the rate as the file does.
func (r Rate) MarshalText() ([]byte, error) { return []byte(money.Rate(r).String()), nil }

// Terms are conditions that whoever orders has to accept.
type Terms struct {
	// Version is by which people know them, such as 2026-01.
	Version string `yaml:"version"`
	// File is the plain text, or one for each language.
	File Words `yaml:"file"`
	// Text is what it holds, likewise.
	Text Words `yaml:"-"`
}

// Approval is which orders of an organization must be approved, and by whom.
type Approval struct {
	// Amount: orders that cost as much a month, net, or more. Empty: none for that.
	Amount Price `yaml:"amount"`
	// Quantity: orders of as many licenses or more. Zero: none for that.
	Quantity Count `yaml:"quantity"`
	// Approvers approve one after another.
	Approvers []Manager `yaml:"approvers"`
	// Fallback decides for an approver who is away.
	Fallback Manager `yaml:"fallback"`
}

// LicenseReminders are what managers are reminded of.
type LicenseReminders struct {
	// TimeZone is where their schedules are read, and where months and contracts end. Default UTC.
	TimeZone *time.Location `yaml:"time_zone"`
	// Calendar is the key of the queue whose hours, holidays and closed days they keep to. Default: the default queue.
	Calendar string `yaml:"calendar" ref:"queue"`
	// Undecided: orders and requests that wait for a decision. Default: on working days at 9, after 12 hours at least.
	Undecided LicenseReminder `yaml:"undecided"`
	// Unused: licenses that are not activated, or that nobody has. Default: on Mondays at 9.
	Unused LicenseReminder `yaml:"unused"`
	// Ending: contracts that end soon. Default: looked at on working days at 9, told once, 60 days before.
	Ending EndingReminder `yaml:"ending"`
}

func (r *LicenseReminders) defaults() { r.TimeZone = time.UTC }

// LicenseReminder says when to look.
type LicenseReminder struct {
	Off      bool     `yaml:"off"`
	Schedule Schedule `yaml:"schedule"`
}

// EndingReminder says when to look, and how long before an end it is told.
type EndingReminder struct {
	Off      bool          `yaml:"off"`
	Schedule Schedule      `yaml:"schedule"`
	Before   time.Duration `yaml:"before" min:"1d" max:"365d"`
}

func (r *EndingReminder) defaults() { r.Before = 60 * day }

// Contract says until when an organization has a service.
type Contract struct {
	Service string `yaml:"service" need:"write the key of a service" ref:"service"`
	// Until is its last day.
	Until Days `yaml:"until" need:"write its last day, such as 2027-06-30"`
}

// Provisioner is who makes ordered licenses usable.
type Provisioner struct {
	// By is "ticket", the default: agents, by a ticket in the provisioning queue; or "webhook": a program that is called.
	By string `yaml:"by" one:"ticket webhook"`
	// URL is what is called.
	URL string `yaml:"url" is:"url"`
	// Devices is asked how many devices are enrolled, before licenses are terminated. Default: nobody is.
	Devices string `yaml:"devices" is:"url"`
	// Timeout is how long it may take. Default 24 hours.
	Timeout time.Duration `yaml:"timeout" min:"1m" max:"30d"`
	// SecretFile is the file that Secret was read from, when the file says so.
	SecretFile string `yaml:"secret_file"`
	// Secret signs what is sent, and what comes back.
	Secret Secret `yaml:"-"`
}

func (p *Provisioner) defaults() { p.By, p.Timeout = "ticket", day }

var webhookSecret = form{"a secret that begins with whsec_, then 32 to 88 characters of base64", regexp.MustCompile(`^whsec_[A-Za-z0-9+/]{32,88}={0,2}$`),
	"make one with: echo whsec_$(openssl rand -base64 32)"}

// largestTerms is how long a text of terms may be, in bytes.
const largestTerms = 512 << 10

// licenses looks at what of licenses one value alone cannot tell, and reads the texts of their terms.
func (w *walker) licenses(c *Config) {
	if !money.Known(c.Currency) {
		w.problem("currency", "is no currency: write its three capitals (ISO 4217), such as EUR")
		return
	}
	priced := false
	price := func(p Price, at string) {
		if p.text == "" {
			return
		}
		priced = true
		if _, err := money.Parse(p.text, c.Currency); err != nil {
			w.problem(at, "is not an amount of %s: write one such as 5.10, with no more places than it has", c.Currency)
		}
	}
	for i := range c.Services {
		s := &c.Services[i]
		at := fmt.Sprintf("services[%d]", i)
		for j, l := range s.Licenses {
			at := fmt.Sprintf("%s.licenses[%d]", at, j)
			price(l.Price, at+".price")
			for k, t := range l.Tiers {
				price(t.Price, fmt.Sprintf("%s.tiers[%d].price", at, k))
				if k > 0 && t.From <= l.Tiers[k-1].From {
					w.problem(fmt.Sprintf("%s.tiers[%d].from", at, k), "is not more than that of the one before: write tiers in order")
				}
			}
			if len(l.Tiers) > 0 && l.Price.text == "" {
				w.problem(at+".price", "is missing: write the price of one license, where there are fewer than in the first tier")
			}
		}
		w.terms(&s.ParticularTerms, at+".particular_terms")
		w.terms(&s.SpecificTerms, at+".specific_terms")
		w.provisioner(c, s, at+".provisioner")
		if s.Seats == "vendor" && len(s.Vendor) == 0 {
			w.problem(at+".vendor", "is missing: write the address at which the vendor's portal has its seats")
		}
	}
	w.terms(&c.GeneralTerms, "general_terms")
	if priced && c.GeneralTerms.Version == "" {
		w.problem("general_terms", "are missing: licenses have prices, and whoever orders accepts general terms: name their version and file")
	}
	if c.GeneralTerms.Version != "" && c.Link == "" {
		w.problem("link", "is missing: terms are linked to; write guichet's own address as people's browsers reach it, such as https://guichet.acme.example")
	}
	if c.Link != "" && c.Listen == "" {
		w.problem("link", "needs an address to listen on: set listen")
	}
	for i, o := range c.Organizations {
		at := fmt.Sprintf("organizations[%d].approval", i)
		price(o.Approval.Amount, at+".amount")
		if set := o.Approval.Amount.text != "" || o.Approval.Quantity > 0; set != (len(o.Approval.Approvers) > 0) {
			w.problem(at, "is half of it: write from which amount or quantity orders are approved, and the approvers")
		}
		for _, m := range append([]Manager{o.Approval.Fallback}, o.Approval.Approvers...) {
			if home, ok := w.home[m.Workspace]; m != (Manager{}) && (!ok || home != o.Key) {
				w.problem(at, "names somebody of no workspace of this organization: write \"<workspace key>:<user id>\"")
			}
		}
	}
}

// terms reads the texts of terms.
func (w *walker) terms(t *Terms, at string) {
	if (t.Version == "") != (len(t.File) == 0) {
		w.problem(at, "need both: their version, and the file that holds them")
	}
	for language, name := range t.File {
		data, err := readFile(name, largestTerms)
		if err == nil && (!utf8.Valid(data) || strings.TrimSpace(string(data)) == "") {
			err = fmt.Errorf("holds no text in UTF-8")
		}
		if err != nil {
			w.problem(at+".file", "names a file that %s", err)
			continue
		}
		if t.Text == nil {
			t.Text = Words{}
		}
		t.Text[language] = string(data)
	}
}

// provisioner finds the secret of one that is a program.
func (w *walker) provisioner(c *Config, s *Service, at string) {
	p := &s.Provisioner
	name := "GUICHET_PROVISIONER_" + strings.ToUpper(strings.ReplaceAll(s.Key, "-", "_")) + "_SECRET"
	switch {
	case p.By == "webhook":
		p.Secret = w.token(name, at+".secret_file", p.SecretFile, webhookSecret)
		if p.URL == "" {
			w.problem(at+".url", "is missing: write the address that is called")
		}
		if c.Listen == "" {
			w.problem(at+".by", "is webhook, which is called back: set listen")
		}
	case p.URL != "" || p.Devices != "":
		w.problem(at+".by", "is not webhook, and nothing would be called: write by: webhook")
	}
}
