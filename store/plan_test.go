package store_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"guichet/store"
	"guichet/store/storetest"
)

// readAll are the tables that a method may read from end to end, each with why that is right.
var readAll = map[string]struct{ tables, why string }{
	"SetGrants": {"roles", "it compares them all, once at the start"},
	"Grants":    {"roles", "an operator lists them: they are few"},
	"Unsealed":  {"unsealed", "it holds what the last moments have brought"},
	"SealNext":  {"unsealed seals", "likewise; and it looks at the last seal of a chain"},

	"AuditedOrganizations": {"audit seals", "an operator has the whole log verified"},
	"Loose":                {"a audit seals unsealed", "likewise"},

	"NamesOf":       {"roles", "an organization's: they stand in the configuration, so there are few"},
	"AccountsWith":  {"roles", "likewise"},
	"PendingOrders": {"orders", "an organization's that wait for somebody's approval: there are few"},
	"OpenRequests":  {"requests", "likewise"},

	"BeingActivated":  {"activations", "an organization's that are under way: there are few"},
	"Ending":          {"terminations", "an organization's that are still to come: there are few"},
	"Administrators":  {"administrators d", "an organization's: no service has more than two"},
	"AdministeredIn":  {"administered", "likewise"},
	"AcceptedTermsOf": {"accepted_terms", "an organization's: one row for each of the terms there are"},
	"MarkHomes":       {"administrators", "an organization's: no service has more than two"},

	"Backlog":         {"outbox parked", "it counts what waits: little, or else the news itself"},
	"ListUndelivered": {"outbox parked", "it is an operator's look at the same"},
	"Heard":           {"heard", "it has one row per workspace"},
	"Holdings":        {"holdings", "an organization's: one row for each sort of license in the configuration"},
	"Claim":           {"paused", "it has one row per workspace"},

	"LockTurn":  {"turns", "it has one row per queue"},
	"SetTurn":   {"turns", "likewise"},
	"Policy":    {"policies", "it has one row per queue"},
	"AllEvents": {"events", "a ticket's own history, by whoever doubts what is kept of it"},
	"AllPublic": {"messages", "likewise"},

	"Join":                {"parked", "of what is parked there is little"},
	"Pause":               {"paused", "it has one row per workspace"},
	"ThreadsWithUnplaced": {"unplaced", "of these there are few: they are swept away"},
}

// mostRows is how many rows one step may look at. It is more than any list shows, and far less
// than the tables of this test hold.
const mostRows = 100

// Every statement finds its rows by an index, so that none takes longer the more there is: on
// SQLite, which nobody ever analyzes, and on PostgreSQL, which counts its rows by itself.
func TestEveryStatementHasItsIndex(t *testing.T) {
	storetest.EachAddress(t, func(t *testing.T, address string) {
		storetest.Open(t, address)
		db, err := store.OpenPlanned(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		w := fill(t, db, address)
		called := map[string]bool{}
		for _, c := range w.calls() {
			called[c.method] = true
			ctx := store.WithPlans(t.Context(), func(statement string, steps []store.Step) {
				for _, s := range steps {
					tables := strings.Fields(readAll[c.method].tables)
					may := slices.Contains(tables, s.Table) || s.Table == "" && len(tables) > 0 // an index of it
					if !may && (s.Whole || s.Rows > mostRows) {
						t.Errorf("%s: %s (%v rows) in\n%s", c.method, s.What, s.Rows, statement)
					}
				}
			})
			undo := errors.New("undo")
			err := db.Write(ctx, func(tx *store.Tx) error { return errors.Join(c.do(ctx, tx), undo) })
			if err.Error() != undo.Error() {
				t.Errorf("%s: %v", c.method, err)
			}
		}
		for m := range reflect.TypeFor[*store.Tx]().Methods() {
			takesContext := m.Type.NumIn() > 1 && m.Type.In(1) == reflect.TypeFor[context.Context]()
			if takesContext && !called[m.Name] {
				t.Errorf("%s has no line in plan_test.go", m.Name)
			}
		}
	})
}

// call is a method of Tx with arguments.
type call struct {
	method string
	args   []any
}

func (c call) do(ctx context.Context, tx *store.Tx) error {
	m := reflect.ValueOf(tx).MethodByName(c.method)
	in := []reflect.Value{reflect.ValueOf(ctx)}
	for i, a := range c.args {
		want := m.Type().In(min(i+1, m.Type().NumIn()-1))
		if m.Type().IsVariadic() {
			want = want.Elem()
		}
		in = append(in, reflect.ValueOf(a).Convert(want))
	}
	out := m.Call(in)
	err, _ := out[len(out)-1].Interface().(error)
	return err
}

func (w world) calls() []call {
	const ws, q, st = "slack:T1", "support", "waiting"
	person, ticket, now := w.person.ID, w.ticket.ID, w.now
	written := store.External{Workspace: ws, Channel: "C0", ID: "fresh"}
	agent := store.Viewer{Person: person, Organization: "acme", Queues: []string{q, "emm"}}
	fresh := w.ticket
	fresh.Nonce, fresh.Follows = "fresh", ticket
	who := store.Selves{People: []store.PersonID{person, person + 1}, Accounts: []store.Account{w.account, {Workspace: store.Mail, ID: "a3@example.com"}}}
	other := fresh
	other.Nonce = "other"
	return []call{
		{"Person", []any{person}},
		{"People", []any{[]store.PersonID{1, 2, 3}}},
		{"PersonByAccount", []any{w.account}},
		{"AddPerson", []any{w.person, store.Account{Workspace: ws, ID: "new"}}},
		{"SavePerson", []any{w.person}},
		{"LockPerson", []any{person}},
		{"AddPersonEvent", []any{store.PersonEvent{Person: person, Actor: person, Field: "phone"}}},
		{"PersonEvents", []any{person, 16}},
		{"AddConfirmation", []any{store.Confirmation{Person: person, Account: w.account, Address: "x@acme.example"}}},
		{"Confirmation", []any{store.ConfirmationID(1)}},
		{"Confirmations", []any{person, 5}},
		{"LatestConfirmation", []any{person, 0}},
		{"LatestConfirmation", []any{person, 1}},
		{"LockAdministrators", []any{"acme"}},
		{"Administrators", []any{"acme"}},
		{"Administrator", []any{1}},
		{"AddAdministrator", []any{store.Administrator{Organization: "acme", Name: "x", Mail: "y@acme.example", Language: "en"}}},
		{"SaveAdministrator", []any{store.Administrator{ID: 2, Mail: "z@acme.example"}}},
		{"DropAdministrator", []any{1 << 40}},
		{"AdministeredIn", []any{"acme"}},
		{"ForgetAdministrators", []any{"nobody@acme.example"}},
		{"ForgetAdministrators", []any{"waits@acme.example"}},
		{"Administer", []any{store.Administered{Organization: "acme", Service: "office", Administrator: 1}}},
		{"Relieve", []any{store.Administered{Organization: "acme", Service: "office"}}},
		{"ServicesOf", []any{person}},
		{"AdministratorEntries", []any{"acme", 0, 20}},
		{"AdministratorEntries", []any{"acme", 1 << 40, 20}},
		{"UseConfirmation", []any{store.ConfirmationID(1)}},
		{"SetAccount", []any{store.Account{Workspace: "mail", ID: "x@acme.example"}, person}},
		{"DropAccount", []any{store.Account{Workspace: "mail", ID: "x@acme.example"}}},
		{"TicketsToJoin", []any{store.PersonID(50)}},
		{"Join", []any{store.PersonID(3), person, []store.TicketID{ticket + 2, ticket + 5}, "deletion"}},
		{"JoinedSince", []any{now}},
		{"WorkspacesOf", []any{person}},
		{"AccountIn", []any{person, ws}},
		{"CountMail", []any{"somebody@acme.example", time.Hour}},
		{"MailsOf", []any{ticket, person}},
		{"SetGrants", []any{[]store.Grant{{Account: w.account, Organization: "acme", Role: store.Manager}}}},
		{"Grants", nil},
		{"Give", []any{store.Grant{Account: w.account, Organization: "globex", Role: store.Manager, Origin: store.ByCommand}}},
		{"Revoke", []any{store.Grant{Account: w.account, Organization: "acme", Role: store.Manager, Origin: store.ByConfig}}},
		{"Audit", []any{store.Entry{Organization: "acme", Act: "role.grant", Actor: person, Subject: person}}},
		{"Unsealed", []any{20}},
		{"SealNext", []any{"acme", 20}},
		{"AuditedOrganizations", nil},
		{"Chain", []any{"acme", 0, 20}},
		{"Loose", []any{"acme"}},
		{"SelvesOf", []any{person, w.account}},
		{"EntriesOf", []any{who, 0, 20}},
		{"BlankPersonal", []any{who, 20}},
		{"Blank", []any{who, 20}},
		{"PersonEventsOf", []any{who, 0, 20}},
		{"GrantsOf", []any{who}},
		{"RequestsOf", []any{who, store.RequestID(0), 20}},
		{"OrdersOf", []any{who, store.OrderID(0), 20}},
		{"ActivationsOf", []any{who, store.ActivationID(0), 20}},
		{"TerminationsOf", []any{who, store.TerminationID(0), 20}},
		{"SeatsOf", []any{who, 0, 20}},
		{"AdministratorsOf", []any{who, store.AdministratorID(0), 20}},
		{"HasRole", []any{person, store.Manager}},
		{"NamesOf", []any{"acme", store.Manager, 5}},
		{"AccountsWith", []any{"acme", store.Manager}},
		{"SetSeen", []any{place(7), store.Seen{Private: true, Members: []string{"U1", "U9000"}}, now}},
		{"MembershipsOf", []any{person}},
		{"SeenPrivate", []any{place(7)}},

		{"AddTicket", []any{fresh}},
		{"AddTicket", []any{w.ticket}}, // its form was sent twice
		{"Open", []any{store.Opening{Ticket: other, Message: store.Message{Author: person, External: store.External{Workspace: ws, ID: "open"}},
			Event: store.Event{Actor: person}, Tell: []store.Delivery{{Lane: "desk", Workspace: ws, Kind: "card", Once: true}}}}},
		{"NonceUsed", []any{"form 7"}},
		{"Ticket", []any{store.Program, ticket}},
		{"Ticket", []any{agent, ticket}},
		{"TicketsAmong", []any{agent, []store.TicketID{ticket, ticket + 1}}},
		{"Search", []any{agent, []string{"x7", "x"}, store.TicketID(0), 16}},
		{"Search", []any{store.Viewer{Person: 5}, []string{"x"}, ticket + 500, 16}},
		{"IndexTags", []any{ticket + 3, "vpn"}},
		{"LockTicket", []any{ticket}},
		{"LockFollower", []any{ticket + 8}},
		{"SaveTicket", []any{w.ticket}},
		{"TicketsOf", []any{person, 16}},
		{"TicketsOfOrganization", []any{"acme", 16}},
		{"TicketsOfService", []any{"acme", "rare", 16}},
		{"Ticket", []any{store.Viewer{Person: person, Home: "acme", Services: []string{"office", "emm"}}, ticket}},
		{"Search", []any{store.Viewer{Person: person, Home: "acme", Services: []string{"office", "emm"}}, []string{"x7", "x"}, store.TicketID(0), 16}},
		{"TicketsOfQueues", []any{[]string{q, "emm"}, 16}},
		{"Tickets", []any{store.Slice{Requester: person, Active: true}, store.TicketID(0), 16}},
		{"Tickets", []any{store.Slice{Requester: person, Service: "office"}, ticket, 16}},
		{"Tickets", []any{store.Slice{Assignee: person, Active: true}, store.TicketID(0), 16}},
		{"Tickets", []any{store.Slice{Organization: "acme"}, ticket, 16}},
		{"Tickets", []any{store.Slice{Organization: "acme", Service: "rare"}, store.TicketID(0), 16}},
		{"Tickets", []any{store.Slice{Queue: q, Active: true}, store.TicketID(0), 16}},
		{"Tickets", []any{store.Slice{Queue: q, Service: "rare"}, store.TicketID(0), 16}},
		{"Tickets", []any{store.Slice{Queue: q, State: "new"}, store.TicketID(0), 16}},
		{"Tickets", []any{store.Slice{Queue: q, Tag: "common", Active: true}, store.TicketID(0), 16}},
		{"Tickets", []any{store.Slice{Queue: q, Tag: "common", Service: "rare"}, ticket, 16}},
		{"NewestOfQueues", []any{[]string{q, "emm"}, 16}},
		{"TicketsDue", []any{now, store.Due{}, 20}},
		{"SaveOutcome", []any{store.Outcome{Ticket: ticket}}},
		{"Outcome", []any{ticket}},
		{"Rate", []any{ticket, "good"}},
		{"Figures", []any{store.Where{Queue: q}, store.At(now.Add(time.Hour)), store.At(now.Add(time.Hour))}},
		{"Figures", []any{store.Where{Organization: "acme"}, store.At(now.Add(time.Hour)), store.At(now.Add(time.Hour))}},
		{"Opened", []any{store.Where{Queue: q}, store.At(now.Add(time.Hour)), store.At(now.Add(time.Hour))}},
		{"Flows", []any{store.Where{Queue: q}, store.At(now.Add(time.Hour)), store.At(now.Add(time.Hour)), []store.Time{store.At(now.Add(time.Hour))}}},
		{"Flows", []any{store.Where{Organization: "acme"}, store.At(now.Add(time.Hour)), store.At(now.Add(time.Hour)), []store.Time(nil)}},
		{"InState", []any{q, "new"}},
		{"NextDue", nil},
		{"Move", []any{store.Movement{Organization: "acme", License: "office", Act: "order", Counts: store.Counts{Ordered: 1}, Actor: person}}},
		{"Holding", []any{"acme", "office"}},
		{"Holdings", []any{"acme"}},
		{"Movements", []any{"acme", "office", 0, 20}},
		{"LockHolding", []any{"acme", "office"}},
		{"AddOrder", []any{store.Order{Organization: "acme", Person: person, Nonce: "new"}, []store.OrderLine{{License: "office"}}, []store.Acceptance(nil), []store.ApprovalStep{{}}}},
		{"AddTerms", []any{map[string]string{"hash": "text"}}},
		{"Terms", []any{"known"}},
		{"Order", []any{store.OrderID(7)}},
		{"LockOrder", []any{store.OrderID(7)}},
		{"OrderOfForm", []any{"order7"}},
		{"SaveOrder", []any{store.Order{ID: 7}}},
		{"OrderLines", []any{store.OrderID(7)}},
		{"Acceptances", []any{store.OrderID(7)}},
		{"ApprovalSteps", []any{store.OrderID(7)}},
		{"SaveStep", []any{store.ApprovalStep{Order: 7, Step: 1}}},
		{"ReplaceSteps", []any{store.OrderID(7), []store.ApprovalStep{{Step: 2}}}},
		{"PendingOrders", []any{"o1", 20}},
		{"OrdersToRemind", []any{20}},
		{"AddActivation", []any{store.Activation{Organization: "acme", License: "l", Person: person, Nonce: "new", State: store.Requested}}},
		{"Activation", []any{store.ActivationID(7)}},
		{"LockActivation", []any{store.ActivationID(7)}},
		{"ActivationOfTicket", []any{ticket}},
		{"SaveActivation", []any{store.Activation{ID: 7}}},
		{"BeingActivated", []any{"o1"}},
		{"ActivationsOverdue", []any{20}},
		{"AddTermination", []any{store.Termination{Organization: "acme", License: "l", Person: person, Nonce: "new", State: store.TerminationPlanned}}},
		{"TerminationsOfForm", []any{"order7"}},
		{"Termination", []any{store.TerminationID(7)}},
		{"LockTermination", []any{store.TerminationID(7)}},
		{"SaveTermination", []any{store.Termination{ID: 7}}},
		{"Ending", []any{"o1"}},
		{"TerminationsDue", []any{20}},
		{"PutOff", []any{store.Snooze{Account: store.Account{Workspace: "slack:T1", ID: "new"}, What: "unused", Until: store.At(time.Now())}}},
		{"Sleeps", []any{store.Account{Workspace: "slack:T1", ID: "U7"}, "unused", int64(0)}},
		{"Awakes", []any{store.Account{Workspace: "slack:T1", ID: "U7"}, "unused", int64(0)}},
		{"AddNotice", []any{store.Notice{What: "order", Record: 7, External: store.External{Workspace: "slack:T1", Channel: "D1", ID: "new"}}}},
		{"Notice", []any{store.NoticeID(7)}},
		{"NewestNotice", []any{"order", int64(7), store.Account{Workspace: "slack:T1", ID: "U7"}}},
		{"Notices", []any{"order", int64(7), 50}},
		{"SetAcceptedTerms", []any{store.AcceptedTerms{Organization: "acme", Kind: "general", Version: "1"}}},
		{"AcceptedTermsOf", []any{"acme"}},
		{"SchedulesAt", []any{[]string{"new 7"}}},
		{"AddQuote", []any{store.SalesQuote{Ticket: ticket, Organization: "acme", License: "l", Quantity: 1}}},
		{"Quote", []any{w.ticket.ID}},
		{"LockQuote", []any{w.ticket.ID}},
		{"SaveQuote", []any{store.SalesQuote{Ticket: w.ticket.ID}}},
		{"AddRequest", []any{store.Request{Organization: "acme", Person: person, Nonce: "new", State: store.RequestOpen}}},
		{"Request", []any{store.RequestID(7)}},
		{"LockRequest", []any{store.RequestID(7)}},
		{"SaveRequest", []any{store.Request{ID: 7}}},
		{"OpenRequests", []any{"o1", 20}},
		{"RequestsToRemind", []any{20}},
		{"AddInvoice", []any{store.Invoice{Number: "new", Organization: "acme"}, []store.InvoiceLine{{Line: 1}}}},
		{"Invoice", []any{store.InvoiceID(7)}},
		{"InvoiceByNumber", []any{"F-7"}},
		{"InvoiceLines", []any{[]store.InvoiceID{7, 8}}},
		{"Invoices", []any{"acme", store.InvoicePlace{}, 11}},
		{"Invoices", []any{"acme", store.InvoicePlace{Issued: 20261015, ID: 40}, 11}},
		{"InvoicesBetween", []any{"acme", store.Date(20261001), store.Date(20261101), 11}},
		{"InvoiceSince", []any{"acme", store.Date(20260101)}},
		{"Consumed", []any{"acme", store.Date(20260101), store.Date(20270101)}},
		{"AddDispute", []any{store.Dispute{Ticket: ticket + 6, Invoice: 7, Line: 1}}},
		{"Disputes", []any{store.InvoiceID(7), 20}},
		{"Movement", []any{7}},
		{"Seats", []any{"acme", store.SeatFilter{}, 0, 9}},
		{"Seats", []any{"acme", store.SeatFilter{License: "office"}, 1 << 40, 9}},
		{"Seats", []any{"acme", store.SeatFilter{Among: []string{"office", "storage"}}, 1 << 40, 9}},
		{"Seats", []any{"acme", store.SeatFilter{Holder: store.Holder{Person: person}}, 0, 9}},
		{"Seats", []any{"acme", store.SeatFilter{License: "office", Holder: store.Holder{Mail: "a3@example.com"}}, 0, 9}},
		{"SeatsAmong", []any{"acme", "office", []store.Holder{{Person: person}, {Person: 7}, {Mail: "a3@example.com"}}}},
		{"AddSeats", []any{"acme", "storage", person, []store.Holder{{Person: person}, {Mail: "a3@example.com"}}}},
		{"DropSeats", []any{"acme", "office", []int64{7, 8}}},
		{"ForgetHolder", []any{"a4@example.com"}},
		{"ChatAccounts", []any{[]store.PersonID{person, 7}}},
		{"PeopleAt", []any{ws, []string{"U1", "U2"}}},
		{"PeopleNamed", []any{"acme", []string{"Alice", "Bruno"}}},
		{"SetLinks", []any{w.ticket}},
		{"AddAffected", []any{ticket, 1}},
		{"Parts", []any{ticket, 0, 20}},
		{"PartOf", []any{ticket, person + 1}},
		{"SaveIncident", []any{store.Incident{Ticket: ticket, Title: "t", Known: true, Place: place(8)}}},
		{"Incident", []any{ticket}},
		{"IncidentAt", []any{place(0)}},
		{"KnownIncidents", []any{20}},
		{"IncidentsDue", []any{now, 20}},
		{"NextUpdate", nil},
		{"AddMark", []any{store.Mark{Ticket: ticket, External: written, Person: person}}},
		{"DropMark", []any{ticket, written, person}},
		{"Marks", []any{ticket, 20}},
		{"AgentsAt", []any{place(7)}},
		{"Load", []any{person}},
		{"LockTurn", []any{q}},
		{"SetTurn", []any{q, person}},
		{"CountAnew", []any{q, st, w.ticket.ID, 20}},
		{"Policy", []any{q}},
		{"SetPolicy", []any{q, "hash"}},
		{"TicketsBetween", []any{now, now, w.ticket.ID, 20}},
		{"AllEvents", []any{w.ticket.ID}},
		{"AllPublic", []any{w.ticket.ID}},
		{"ActiveTickets", []any{0, 20}},
		{"TicketsIn", []any{"open", 0, 20}},
		{"QueuesInUse", nil},

		{"AddMessage", []any{store.Message{Ticket: ticket, Author: person, Audience: store.Public, External: written}}},
		{"Message", []any{7}},
		{"MessagesAmong", []any{[]store.MessageID{7, 8}}},
		{"MessageKnown", []any{w.written}},
		{"TicketOfMessage", []any{w.written}},
		{"LockMessage", []any{w.written}},
		{"Messages", []any{ticket, true, 0, 50}},
		{"Messages", []any{ticket, false, 1 << 40, 50}},
		{"AddFile", []any{store.File{Ticket: ticket, Message: 7, ExternalID: "F1"}}},
		{"SaveFile", []any{store.File{ID: 1}}},
		{"FilesOf", []any{[]store.MessageID{7, 8}}},
		{"File", []any{1}},
		{"SaveUpload", []any{1, "lane", "F2"}},
		{"Upload", []any{1, "lane"}},
		{"UploadsOf", []any{7, "lane"}},
		{"MessageByExternal", []any{w.written}},
		{"MessageToldAs", []any{w.ticket.ID, w.written}},
		{"MessagesFrom", []any{place(0), "1", 20}},
		{"ReviseMessage", []any{store.Message{ID: 7, Body: "was"}, store.Message{ID: 7, Body: "is"}}},
		{"Versions", []any{[]store.MessageID{7, 8}}},
		{"FirstMessage", []any{ticket}},
		{"AddPosts", []any{[]store.Post{{Message: 7, Kind: "message", Lane: "l", External: written}}}},
		{"Posts", []any{7, "l"}},
		{"PostsOf", []any{7, "message"}},
		{"Told", []any{w.head.Lane, "card", 7}},
		{"Withdraw", []any{w.head.Lane, "card", 7}},
		{"ReviseUnplaced", []any{store.External{Workspace: ws, Channel: "D", ID: "new 0"}, "U1", "is"}},
		{"ReviseUnplaced", []any{store.External{Workspace: ws, Channel: "D", ID: "new 0"}, "U1", ""}},
		{"UnplacedKnown", []any{written}},
		{"AddEvent", []any{store.Event{Ticket: ticket, Actor: person}}},
		{"Event", []any{7}},
		{"Events", []any{ticket, false, 0, 50}},
		{"LastEvent", []any{ticket, []string{"take", "assign"}}},

		{"AddFollower", []any{ticket, store.Follower{Person: person + 1, Workspace: ws}}},
		{"DropFollower", []any{ticket, person}},
		{"Followers", []any{ticket}},
		{"Follower", []any{ticket, person}},
		{"SetTags", []any{store.Ticket{ID: ticket, Queue: "support"}, []string{"printer", "vpn"}}},

		{"AddThreads", []any{store.Thread{Ticket: ticket, Lane: "fresh", Workspace: ws, Channel: "C7", Root: "fresh"}}},
		{"LockThreads", []any{store.Thread{Workspace: ws, Channel: "C7", Root: "fresh"}}},
		{"ThreadByRoot", []any{place(0), fmt.Sprint("root ", ticket)}},
		{"CardThread", []any{fmt.Sprintf("%d/0", ticket)}},
		{"CardThreadAt", []any{fmt.Sprintf("%d/0", ticket), place(0)}},
		{"ThreadsOf", []any{ws, []store.TicketID{ticket, ticket + 1}}},
		{"KeepUnplaced", []any{store.Unplaced{External: written, Root: "fresh"}}},
		{"Unplaced", []any{store.Place{Workspace: ws, Channel: "D"}, "new 0"}},
		{"DropUnplaced", []any{store.External{Workspace: ws, Channel: "D", ID: "new 0"}}},
		{"ThreadsWithUnplaced", []any{20}},
		{"Heard", []any{"new 7"}},
		{"SetHeard", []any{"new 7"}},

		{"Home", []any{w.account}},
		{"SaveHome", []any{store.Home{Account: w.account, Person: person, Tab: "mine"}}},
		{"MarkHomes", []any{ws, store.Affected{Requesters: []store.PersonID{person}, Organizations: []string{"small"}, Channels: []string{"C7"}}}},
		{"HasStaleHome", []any{ws}},
		{"TakeStaleHome", []any{ws}},
		{"SetShown", []any{store.Home{Account: w.account, OpenedAt: store.At(time.Now())}, "hash", false}},
		{"ChangedTickets", []any{now, ticket, 16}},

		{"FirstTime", []any{"fresh"}},
		{"CameIn", []any{"new 7"}},
		{"SaveDraft", []any{store.Draft{Nonce: "new 7", Person: person}}},
		{"Draft", []any{"new 7", person}},
		{"Sweep", []any{90 * time.Minute}},
		{"ScheduleNext", []any{"new 7", now}},
		{"AdvanceSchedule", []any{"new 7", now, now}},

		{"Enqueue", []any{store.Delivery{Lane: w.head.Lane, Ticket: ticket, Workspace: ws, Kind: "card", Once: true},
			store.Delivery{Lane: w.head.Lane, Ticket: ticket, Workspace: ws, Kind: "message", Message: 7}}},
		{"About", []any{store.Delivery{Lane: fmt.Sprintf("%d/0", ticket), Ticket: ticket, Workspace: ws, Person: person}}},
		{"Claim", []any{"slack:T3", 6, time.Minute}}, // one more than is due
		{"OutboxWorkspaces", nil},
		{"Done", []any{w.head}},
		{"Park", []any{w.head, store.Failure{Reason: "refused"}}},
		{"Retry", []any{w.head, time.Second, store.Failure{Reason: "busy"}}},
		{"NoteUpload", []any{w.head, "F2"}},
		{"Unwind", []any{ws}},
		{"RetryInDoubt", []any{w.head, time.Second, store.Failure{Reason: "busy"}}},
		{"Redirect", []any{w.head.Lane, "slack:T3", "moved"}},
		{"Pause", []any{"slack:T3", time.Minute}},
		{"Backlog", nil},
		{"ListUndelivered", []any{20}},
		{"Undelivered", []any{w.parked.ID}},
		{"RetrySoon", []any{w.parked, time.Minute}},
		{"RetrySoon", []any{store.Undelivered{Delivery: w.head}, time.Minute}},
		{"Drop", []any{w.parked}},
	}
}
