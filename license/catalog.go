package license

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
	"unicode"

	"guichet/money"
	"guichet/store"
)

// Catalog is what there are licenses of, and on which conditions; it comes from configuration and does not change while the program runs.
// An order keeps the prices and the terms that it was made under.
type Catalog struct {
	Licenses []License
	Services map[string]Service // by their key in the helpdesk's catalog
	General  Terms              // accepted with every order
	Currency string
	Link     string // guichet's own address, where texts of terms are read
	// Approvals say by the key of an organization which of its orders must be approved.
	Approvals map[string]Approval
	// Contracts are until when an organization has a service: its last day, by the keys of both.
	Contracts map[[2]string]time.Time
	Zone      *time.Location // in which months and contracts end; nil: UTC
	Reminders Reminders
	// OfferNote is what sales read, in the ticket of an offer, of the order by which it is accepted: once that is made, and if it is not placed.
	// nil: nothing.
	OfferNote func(store.Order) string
	// Sales and Provisioning are the keys of the queues that take requests for quotes, and licenses to be made usable.
	Sales, Provisioning string
}

// License is a sort of license of a service.
type License struct {
	Key     string
	Service string // its key in the helpdesk's catalog; empty: the configuration names the license no more
	Name    func(language string) string
	Family  string       // of licenses that can be changed into one another; empty: none
	Price   money.Amount // of one license a month, net; none: it is ordered by a quote alone
	Tiers   []Tier       // in the order of their quantities
	VAT     money.Rate
}

// Tier is a price from a quantity on.
type Tier struct {
	From  int64 // how many there are at least, once they are ordered
	Price money.Amount
}

// Service is how the licenses of a service are looked after.
type Service struct {
	Particular, Specific Terms                        // accepted with orders of it, besides the general ones; either may be empty
	Help                 func(language string) string // the address of its own help; empty: none
	AtVendor             bool                         // who has a license is known at the vendor, and said here
	Vendor               func(language string) string // the address of the vendor's portal; empty: none
	Unenrolled           bool                         // devices must be unenrolled before licenses are terminated
	Webhook              bool                         // a program makes its licenses usable, and no agent
	CountsDevices        bool                         // that program knows how many devices are enrolled
	Timeout              time.Duration                // how long that may take
}

// Terms are conditions that whoever orders has to accept, in the languages in which they are written.
type Terms struct {
	Version string
	Texts   map[string]string // by language; "" is for any
}

// In is the text in a language or, failing that, in one that there is; and which that is. One that is for any counts as the reader's.
func (t Terms) In(language string) (text, in string) {
	for _, l := range []string{language, "", "en", "fr"} {
		if text, ok := t.Texts[l]; ok {
			return text, cmp.Or(l, language)
		}
	}
	return "", ""
}

// HashOf is by which a text of terms is known.
func HashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Approval is which orders of an organization must be approved, by whom.
type Approval struct {
	Amount    money.Amount // orders of so much a month, net, and more; none: not for that
	Quantity  int64        // orders of so many licenses and more; zero: not for that
	Approvers []store.Account
	Fallback  store.Account // decides for an approver who is away; empty: nobody
}

// Of returns the license of a key.
func (c Catalog) Of(key string) (License, bool) {
	i := slices.IndexFunc(c.Licenses, func(l License) bool { return l.Key == key })
	if i < 0 {
		return License{}, false
	}
	return c.Licenses[i], true
}

// Called are the licenses that somebody may mean by what they typed: the key of one, its name in any language, or its service's and its own.
func (d *Desk) Called(typed string) (all []License) {
	fold := func(s string) string {
		return strings.ToLower(strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }), " "))
	}
	typed = fold(typed)
	for _, l := range d.catalog.Licenses {
		if fold(l.Key) == typed {
			return []License{l}
		}
		service, known := d.people.Catalog().Service(l.Service)
		if slices.ContainsFunc([]string{"en", "fr"}, func(language string) bool {
			name := fold(l.Name(language))
			return name == typed || known && fold(service.Name(language))+" "+name == typed
		}) {
			all = append(all, l)
		}
	}
	return all
}

// PriceAt is what one license costs a month where there are so many, once they are ordered.
func (l License) PriceAt(quantity int64) money.Amount {
	price := l.Price
	for _, t := range l.Tiers {
		if quantity >= t.From {
			price = t.Price
		}
	}
	return price
}

// HasContract says whether it is known until when an organization has anything.
func (c Catalog) HasContract(organization string) bool {
	for key := range c.Contracts {
		if key[0] == organization {
			return true
		}
	}
	return false
}

// Offered are the licenses that have a price.
func (c Catalog) Offered() (all []License) {
	for _, l := range c.Licenses {
		if l.Price.Currency != "" {
			all = append(all, l)
		}
	}
	return all
}
