package config

import "time"

// Queue is where tickets are worked: one private channel and its rules.
type Queue struct {
	Key string `yaml:"key" need:"write a short name, such as support" is:"key" unique:"queue"`
	// Name is shown to people. Default: the key.
	Name Words `yaml:"name"`
	// Workspace is the key of the one that holds the channel: of a Slack workspace or a Mattermost team.
	Workspace string `yaml:"workspace" need:"write the key of the workspace that holds the channel" ref:"workspace"`
	// Channel is the platform's own id of the channel. No other queue has it.
	Channel string `yaml:"channel" need:"write the channel's id, such as C0SUPPORT" is:"channel"`
	// Language is what the channel is written in: "en" or "fr". Default: the file's language.
	Language string `yaml:"language" one:"en fr"`
	// TimeZone is where the queue's schedules are read. Default UTC.
	TimeZone *time.Location `yaml:"time_zone"`
	// Hours are when the queue is open: business time, which its clocks and reminders count. Default: always.
	Hours []Hours `yaml:"hours"`
	// Holidays are the public holidays on which it is closed: "fr", or "none", the default.
	Holidays string `yaml:"holidays" one:"none fr"`
	// Closed are further days on which it is closed.
	Closed []Days `yaml:"closed"`
	// SLA is in which business time it means to answer and to resolve, by priority. Default: no clock is watched.
	SLA SLA `yaml:"sla"`
	// Assign is how a new ticket gets an assignee: "by_hand", the default, "round_robin", "least_loaded" or "on_call".
	Assign string `yaml:"assign" one:"by_hand round_robin least_loaded on_call"`
	// OnCallFile is a calendar (iCalendar) that says who is on call. Default: nobody is.
	OnCallFile string `yaml:"on_call_file" is:"filled"`
	// Lead is who is told last, when nobody else has reacted. Default: nobody.
	Lead Manager `yaml:"lead"`
	// Mail is the address that people write to, and that its mails come from. Default: the desk's own (mail.from).
	Mail string `yaml:"mail" is:"mail"`
	// Strangers is the key of the organization whose people those are that write to it and that nobody knows.
	// Default: none, strangers are turned away.
	Strangers string `yaml:"strangers" ref:"organization"`
	// Organizations are the keys of those it serves. Empty: all.
	Organizations []string `yaml:"organizations" ref:"organization"`
	// Prefix stands before the numbers of its tickets, in place of "#", such as "EMM-". Default: none.
	Prefix string `yaml:"prefix" is:"prefix"`
	// OpenTo says who may open tickets in it: "everyone", the default, or "managers".
	OpenTo string `yaml:"open_to" one:"everyone managers"`
	// ThreadDefault is what a plain message in a ticket's thread is: a "reply" to the requester or an "internal"
	// note. Default "reply".
	ThreadDefault string `yaml:"thread_default" one:"reply internal"`
	// Undo is for how long a public reply can be taken back before it is sent; 0: it is sent at once.
	// Default 10 seconds.
	Undo time.Duration `yaml:"undo" min:"0s" max:"2m"`
	// CloseAfter is how long a ticket stays resolved before it is closed. Default 5 days.
	CloseAfter time.Duration `yaml:"close_after" min:"1h"`
	// ReopenWithin is how long a closed ticket may be reopened; 0: never. Default 14 days.
	ReopenWithin time.Duration `yaml:"reopen_within" min:"0s"`
	Reminders    Reminders     `yaml:"reminders"`
}

func (q *Queue) defaults() {
	q.TimeZone = time.UTC
	q.ThreadDefault, q.OpenTo = "reply", "everyone"
	q.Undo = 10 * time.Second
	q.CloseAfter = 5 * day
	q.ReopenWithin = 14 * day
	q.Holidays, q.Assign = "none", "by_hand"
}

// SLA are a queue's targets, by priority.
type SLA struct {
	Urgent Targets `yaml:"urgent"`
	High   Targets `yaml:"high"`
	Normal Targets `yaml:"normal"`
	Low    Targets `yaml:"low"`
}

// Targets are lengths of business time. Zero: none is set.
type Targets struct {
	// FirstResponse is from the opening of a ticket to the first reply.
	FirstResponse time.Duration `yaml:"first_response" min:"0s" max:"365d"`
	// NextResponse is from what the requester writes later to the reply to that.
	NextResponse time.Duration `yaml:"next_response" min:"0s" max:"365d"`
	// Resolution is from the opening to the resolution, less the time in which the requester's answer is waited for.
	Resolution time.Duration `yaml:"resolution" min:"0s" max:"365d"`
}

// Reminders are what a queue is reminded of.
type Reminders struct {
	// Unassigned: nobody has taken the ticket. Default: looked at every 5 minutes, the queue is told after 30 minutes.
	Unassigned Unassigned `yaml:"unassigned"`
	// Risk: a clock of the SLA has counted most of its target. Default: looked at every minute, whoever has the ticket is
	// told at 75%.
	Risk Risk `yaml:"risk"`
	// Breach: a clock of the SLA has passed its target. Default: looked at every minute; whoever has the ticket is told, after
	// another hour of business time the queue, then who is on call, then who leads.
	Breach Breach `yaml:"breach"`
	// Waiting: the requester was asked and has not answered. Default: looked at every hour from 9 to 17, Monday
	// to Friday; they are reminded after 2 days, warned after 5, and the ticket is closed after 7.
	Waiting Waiting `yaml:"waiting"`
	// Daily: the queue is told what there is to do, if there is anything. Default: at 9, Monday to Friday.
	Daily Digest `yaml:"daily"`
	// Weekly: the queue is told in figures what was done. Default: on Monday at 9.
	Weekly Digest `yaml:"weekly"`
}

func (r *Reminders) defaults() {
	r.Daily.Schedule, r.Weekly.Schedule = mustSchedule("0 9 * * 1-5"), mustSchedule("0 9 * * 1")
}

// Digest says when a queue is told of itself.
type Digest struct {
	Off      bool     `yaml:"off"`
	Schedule Schedule `yaml:"schedule"`
}

// Unassigned says when to look, how much business time nobody may have had a ticket, and who is told, one after
// another.
type Unassigned struct {
	Off      bool          `yaml:"off"`
	Schedule Schedule      `yaml:"schedule"`
	After    time.Duration `yaml:"after" min:"1m" max:"365d"`
	Tell     []string      `yaml:"tell" one:"queue on_call lead"`
	Every    time.Duration `yaml:"every" min:"1m" max:"365d"`
}

func (u *Unassigned) defaults() {
	*u = Unassigned{Schedule: mustSchedule("*/5 * * * *"), After: 30 * time.Minute, Tell: []string{"queue"}, Every: time.Hour}
}

// Risk says when to look, and how much of its target a clock may have counted.
type Risk struct {
	Off      bool     `yaml:"off"`
	Schedule Schedule `yaml:"schedule"`
	At       Percent  `yaml:"at"`
	Tell     string   `yaml:"tell" one:"agent queue on_call lead"`
}

func (r *Risk) defaults() {
	*r = Risk{Schedule: mustSchedule("* * * * *"), At: 75, Tell: "agent"}
}

// Breach says when to look, and who is told, one after another.
type Breach struct {
	Off      bool          `yaml:"off"`
	Schedule Schedule      `yaml:"schedule"`
	Tell     []string      `yaml:"tell" one:"agent queue on_call lead"`
	Every    time.Duration `yaml:"every" min:"1m" max:"365d"`
}

func (b *Breach) defaults() {
	*b = Breach{Schedule: mustSchedule("* * * * *"), Tell: []string{"agent", "queue", "on_call", "lead"}, Every: time.Hour}
}

// Waiting says when to look, and after which time, by day and night, the requester is reminded, warned, and their ticket
// closed. Zero: not at all.
type Waiting struct {
	Off      bool          `yaml:"off"`
	Schedule Schedule      `yaml:"schedule"`
	After    time.Duration `yaml:"after" min:"1m" max:"365d"`
	Warn     time.Duration `yaml:"warn" min:"0s" max:"365d"`
	Close    time.Duration `yaml:"close" min:"0s" max:"365d"`
}

func (w *Waiting) defaults() {
	*w = Waiting{Schedule: mustSchedule("0 9-17 * * 1-5"), After: 2 * day, Warn: 5 * day, Close: 7 * day}
}

// Priorities are a table: how pressing an incident is, by who is affected and how urgent it is for them.
type Priorities struct {
	One     ByUrgency `yaml:"one"`     // person
	Several ByUrgency `yaml:"several"` // persons
	All     ByUrgency `yaml:"all"`     // of the organization
}

// ByUrgency is a row of that table.
type ByUrgency struct {
	Low    string `yaml:"low" one:"low normal high urgent"`
	Medium string `yaml:"medium" one:"low normal high urgent"`
	High   string `yaml:"high" one:"low normal high urgent"`
}

func (p *Priorities) defaults() {
	*p = Priorities{One: ByUrgency{"low", "normal", "normal"}, Several: ByUrgency{"normal", "normal", "high"}, All: ByUrgency{"normal", "high", "urgent"}}
}

// queueTimes looks at what a queue's settings of time say together.
func (w *walker) queueTimes(q Queue, at string) {
	if s := q.Reminders.Waiting; !s.Off {
		if s.Warn > 0 && s.Warn <= s.After {
			w.problem(at+".reminders.waiting.warn", "must be longer than after: the requester is reminded first")
		}
		if (s.Warn > 0) != (s.Close > 0) || s.Close > 0 && s.Close <= s.Warn {
			w.problem(at+".reminders.waiting.close", "must be longer than warn, or both 0s: nobody's ticket is closed without a warning")
		}
	}
	if q.Assign == "on_call" && q.OnCallFile == "" {
		w.problem(at+".assign", "is on_call, which needs a calendar: set on_call_file")
	}
	if q.Lead.Workspace != "" && q.Workspace != "" && q.Lead.Workspace != q.Workspace {
		w.problem(at+".lead", "must be somebody of the queue's own workspace, whose channel they are called to: %s", q.Workspace)
	}
}

// Macro is a canned answer.
type Macro struct {
	Key string `yaml:"key" need:"write a short name, such as vpn" is:"key" unique:"macro"`
	// Title says what it is for. Default: the key.
	Title Words `yaml:"title"`
	// Queues are the keys of those in which it is used. Empty: all.
	Queues []string `yaml:"queues" ref:"queue"`
	// Text is what is said, with placeholders such as {{requester}}.
	Text Words `yaml:"text" need:"write what is said" is:"macro" lines:"many"`
	// Then is what is done once it is said. Default: nothing.
	Then string `yaml:"then" one:"resolve wait"`
}
