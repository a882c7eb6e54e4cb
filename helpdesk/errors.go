package helpdesk

import (
	"errors"
	"fmt"

	"guichet/store"
)

// Code is a reason for a refusal, for which the bot has words.
type Code string

const (
	UnknownTicket Code = "unknown_ticket" // there is none, or it is not theirs: people can't tell which
	NotAllowed    Code = "not_allowed"    // they see it, but may not do this
	NotNow        Code = "not_now"        // its state does not allow it
	Taken         Code = "taken"          // a colleague was quicker
	Overtaken     Code = "overtaken"      // a colleague has just changed what they wanted to change
	NotAgent      Code = "not_agent"      // who was to be the assignee is no agent of the queue
	NotYourQueue  Code = "not_your_queue" // they are no agent of it
	Moved         Code = "moved"          // the ticket is in another queue now
	TooLate       Code = "too_late"       // closed for longer than the queue reopens
	Unverified    Code = "unverified"     // whether they are an agent can't be checked now
	Stranger      Code = "stranger"       // their workspace belongs to no organization
	BadForm       Code = "bad_form"       // see Check
	NotYourForm   Code = "not_your_form"  // somebody else opened it
	Sent          Code = "sent"           // it has gone out already
	Empty         Code = "empty"          // nothing was written
	InTicket      Code = "in_ticket"      // the message is in a ticket already
	NoMacro       Code = "no_macro"       // the ticket's queue has no such canned answer
	Watching      Code = "watching"       // they watch the ticket: they write in the queue's channel
	NoStats       Code = "no_stats"       // they are neither an agent nor a manager
	NotOpen       Code = "not_open"       // only managers may open tickets there
	Filed         Code = "filed"          // likewise, in one that they may not see
	NoOther       Code = "no_other"       // there is no ticket that is called so in their queues
	Itself        Code = "itself"         // the other ticket that they named is the same
	Elsewhere     Code = "elsewhere"      // the other ticket is another organization's
	OtherClosed   Code = "other_closed"   // the other ticket is closed
	HasParts      Code = "has_parts"      // others are part of it
	IsPart        Code = "is_part"        // the other ticket is itself part of an incident
	ManyLinks     Code = "many_links"     // it would have more links than it may
	GoesOn        Code = "goes_on"        // it was merged into another
	NoMessage     Code = "no_message"     // there is no message to split off
	SplitOff      Code = "split_off"      // that message has a ticket of its own already
	NoIncident    Code = "no_incident"    // people are not told of that incident, or not any more
	Told          Code = "told"           // people are told of it as an incident
	EndsSummed    Code = "ends_summed"    // a major incident ends with a summary
	Yours         Code = "yours"          // the incident is the ticket that they opened themselves
)

// Refusal is an act that was not done, for a reason that the person can understand.
type Refusal struct {
	Code     Code
	Ticket   store.Ticket // where there is one that they may see
	By       string       // name of the colleague who was quicker
	Other    string       // what another ticket is called that it is about
	Queue    string       // whose agents may do it, where that is why; never shown
	Managers []string     // names of those who may, as far as they are known here
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("refused: %s (ticket %d)", r.Code, r.Ticket.ID)
}

// ErrDuplicate is returned for a request that has been handled before: there is nothing to do and
// nothing to say.
var ErrDuplicate = errors.New("helpdesk: this request was handled before")

func refuse(c Code, t store.Ticket) error { return &Refusal{Code: c, Ticket: t} }

// IsRefusal says whether err is a refusal for the given reason.
func IsRefusal(err error, c Code) bool {
	var r *Refusal
	return errors.As(err, &r) && r.Code == c
}

// ignoreNotFound makes nothing of what is not there.
func ignoreNotFound(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
