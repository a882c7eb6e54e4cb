package helpdesk

import (
	"slices"
	"strings"
	"time"

	"guichet/helpdesk/clock"
	"guichet/store"
)

// Catalog is what the desk offers and to whom; it comes from configuration and does not change
// while the program runs.
type Catalog struct {
	Organizations []Organization
	Services      []Service
	Queues        []Queue
	Routes        []Route // the first that fits decides the queue; see Route
	Macros        []Macro
	Priorities    PriorityTable // nil: DefaultPriorities
	DefaultQueue  string        // serves whatever no other queue does
	Files         Files
	Mail          string // the desk's own address, in small letters; empty: there is no mail
	Confirms      bool   // people can give an address of theirs: a link shows that it is
}

// Mail is the workspace of whom mail reaches: an account there is an address, in small letters.
const Mail = store.Mail

// Organization is one customer company, or the desk's own staff.
type Organization struct {
	Key        string
	Name       string
	Language   string
	AccountURL string   // where its people change their login and password; empty: nobody knows
	Workspaces []string // chat workspaces whose people belong to it
	Domains    []string // of mail addresses whose people belong to it
}

// Service is one thing that people may need help with.
type Service struct {
	Key   string
	Name  func(language string) string
	Queue string
	Form  Form
}

// Form says which step of its own a service adds to the ticket's form.
type Form string

const (
	StandardForm Form = "standard" // none
	EMMForm      Form = "emm"      // platform, device and instance (FAQ: EMM, contact)
)

// Queue is where tickets are worked: one private channel whose members are its agents.
type Queue struct {
	Key           string
	Name          func(language string) string
	Place         store.Place
	Language      string
	TimeZone      *time.Location
	Mail          string        // its address, in small letters
	Strangers     string        // the organization whose people strangers are who write to it; empty: they are turned away
	Organizations []string      // whom it serves; empty: all
	ManagersOnly  bool          // only managers may open tickets in it
	Prefix        string        // before its tickets' numbers, such as "EMM-"; empty: "#" is
	ThreadDefault Audience      // of what an agent types in the thread without a prefix
	Undo          time.Duration // for how long a public reply can be taken back before it is sent; zero: not at all
	CloseAfter    time.Duration
	ReopenWithin  time.Duration
	Calendar      *clock.Calendar          // when it is open; nil: always, by its time zone
	Targets       map[string]clock.Targets // by priority: in which business time it means to answer and to resolve
	Assign        string                   // RoundRobin, LeastLoaded or OnCall: how new tickets get an assignee; else ByHand
	Rota          func(time.Time) []string // who is on call at an instant, as a calendar names them; nil: there is none
	Lead          store.Account            // who leads it: the last to be told; zero: nobody
	Unassigned    Reminder                 // nobody has the ticket
	Waiting       Reminder                 // the requester does not answer; see Wait
	Risk          Reminder                 // a clock has counted Percent of its target
	Breach        Reminder                 // a clock is past its target
	Daily, Weekly Reminder                 // digests: their schedules alone; empty: none
}

// Reminder is one kind of reminder of a queue. One without steps is off.
type Reminder struct {
	Schedule string // cron expression, in the queue's time zone: when to look
	Percent  int    // Risk only: of the target
	Steps    []clock.Step
}

// After is when a reminder does something; zero: it does not.
func (r Reminder) After(do string) time.Duration {
	i := slices.IndexFunc(r.Steps, func(s clock.Step) bool { return s.Do == do })
	if i < 0 {
		return 0
	}
	return r.Steps[i].After
}

// What steps of reminders do, beside those that tell somebody.
const (
	Nudge  = "nudge" // ask the requester for their answer
	Warn   = "warn"  // say that the ticket will be closed without it
	Finish = "close" // close it
)

// Whom steps of reminders tell.
const (
	ToAgent  = "agent" // who has the ticket, or else the queue
	ToQueue  = "queue"
	ToOnCall = "on_call"
	ToLead   = "lead"
	ToNobody = "nobody" // there was nobody to give the ticket to
)

// OnCall is who is on call, as the queue's calendar names them.
func (q Queue) OnCall(now time.Time) []string {
	if q.Rota == nil {
		return nil
	}
	return q.Rota(now)
}

// QueueOfMail returns the queue with this address.
func (c *Catalog) QueueOfMail(address string) (Queue, bool) {
	return find(c.Queues, func(q Queue) bool { return q.Mail != "" && q.Mail == address })
}

// OrganizationOfMail returns the organization that a mail address belongs to by its domain.
func (c *Catalog) OrganizationOfMail(address string) (Organization, bool) {
	_, domain, _ := strings.Cut(address, "@")
	return find(c.Organizations, func(o Organization) bool { return slices.Contains(o.Domains, domain) })
}

// InOrder are services in the order of the catalog; those that it names no more come last.
func (c *Catalog) InOrder(services []string) []string {
	at := func(key string) int {
		i := slices.IndexFunc(c.Services, func(s Service) bool { return s.Key == key })
		if i < 0 {
			return len(c.Services)
		}
		return i
	}
	services = slices.Clone(services)
	slices.SortStableFunc(services, func(a, b string) int { return at(a) - at(b) })
	return services
}

// Organization returns the organization with this key.
func (c *Catalog) Organization(key string) (Organization, bool) {
	return find(c.Organizations, func(o Organization) bool { return o.Key == key })
}

// OrganizationOf returns the organization that a workspace belongs to.
func (c *Catalog) OrganizationOf(workspace string) (Organization, bool) {
	return find(c.Organizations, func(o Organization) bool { return slices.Contains(o.Workspaces, workspace) })
}

// Service returns the service with this key.
func (c *Catalog) Service(key string) (Service, bool) {
	return find(c.Services, func(s Service) bool { return s.Key == key })
}

// Queue returns the queue with this key.
func (c *Catalog) Queue(key string) (Queue, bool) {
	return find(c.Queues, func(q Queue) bool { return q.Key == key })
}

// QueueAt returns the queue whose channel this is.
func (c *Catalog) QueueAt(p store.Place) (Queue, bool) {
	return find(c.Queues, func(q Queue) bool { return q.Place == p })
}

// Targets are the queues that a ticket may be moved to: the others that serve its organization.
func (c *Catalog) Targets(t store.Ticket) (keys []string) {
	for _, q := range c.Queues {
		if q.Key != t.Queue && q.serves(t.Organization) {
			keys = append(keys, q.Key)
		}
	}
	return keys
}

func (q Queue) serves(organization string) bool {
	return len(q.Organizations) == 0 || slices.Contains(q.Organizations, organization)
}

// HasVendor says whether a ticket may have a reference at the vendor: it is about such a service (EMM),
// or is worked where such services are.
func (c *Catalog) HasVendor(t store.Ticket) bool {
	return slices.ContainsFunc(c.Services, func(s Service) bool {
		return s.Form == EMMForm && (s.Key == t.Service || s.Queue == t.Queue)
	})
}

func find[T any](in []T, is func(T) bool) (T, bool) {
	if i := slices.IndexFunc(in, is); i >= 0 {
		return in[i], true
	}
	var none T
	return none, false
}
