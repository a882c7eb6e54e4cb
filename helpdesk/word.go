package helpdesk

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"guichet/store"
)

// Word is something that an agent does by typing it in a ticket's thread, such as "?move emm it is a phone". It never leaves
// the thread.
type Word struct {
	Name string // one of Words, or whatever was typed
	Rest string // what follows it
}

// Words are those that do something, with what else they are called, in French too.
var Words = map[string][]string{
	"take":     {"prendre"},
	"release":  {"rendre"},
	"assign":   {"affecter"},
	"wait":     {"attendre"},
	"resolve":  {"résoudre", "resoudre"},
	"reopen":   {"rouvrir"},
	"close":    {"clore", "clôturer"},
	"priority": {"priorité", "priorite"},
	"move":     {"déplacer", "deplacer"},
	"vendor":   {"éditeur", "editeur"},
	"snooze":   {"plus-tard"},
	"macro":    {"modèle", "modele"},
	"note":     {},
	"help":     {"aide"},
}

var wordPattern = regexp.MustCompile(`(?s)^[\s\p{Z}\p{Cf}]*\?([\p{L}-]+)(.*)$`)

// WordOf reads what an agent typed in the thread as a word; ok is false if it is an ordinary message.
func WordOf(text string) (w Word, ok bool) {
	m := wordPattern.FindStringSubmatch(said(text))
	if m == nil {
		return w, false
	}
	w = Word{Name: strings.ToLower(m[1]), Rest: strings.TrimSpace(m[2])}
	for name, others := range Words {
		if slices.Contains(others, w.Name) {
			w.Name = name
		}
	}
	return w, true
}

// Answered is what came of a word.
type Answered struct {
	Word
	Outcome
	Refused error  // why it was not done; nil: it was
	Wrong   string // what about it was not understood: "word", "whom", "priority", "queue", "reason", "macro" or "until"; empty: nothing
}

// word does what an agent typed, on a locked ticket, in the transaction that keeps their message. What is refused leaves nothing
// but that.
func (d *Desk) word(ctx context.Context, tx *store.Tx, a Actor, who Standing, t store.Ticket, w Word) (out Answered, err error) {
	out = Answered{Word: w}
	a.Wordless = true // colleagues are told in words what happened
	first, rest, _ := strings.Cut(w.Rest, " ")
	rest = strings.TrimSpace(rest)
	press := func(act Act) {
		if err = authorize(who, act, store.DeskSide, t); err == nil {
			out.Outcome, err = d.press(ctx, tx, a, t, act, store.DeskSide)
		}
	}
	change := func(c Change) {
		if c.Any = true; authorize(who, c.Act, store.DeskSide, t) == nil {
			out.Outcome, err = d.change(ctx, tx, a, t, c)
		} else {
			err = authorize(who, c.Act, store.DeskSide, t)
		}
	}
	switch w.Name {
	case "take":
		if t.Assignee != 0 && t.Assignee != a.Person { // taking over is said with ?assign and one's own name
			err = d.overtaken(ctx, tx, a, t, Taken, Take, Assign)
			break
		}
		press(Take)
	case "release", "wait", "reopen", "close":
		press(Act(w.Name))
	case "resolve":
		a.Reason = Shorten(w.Rest, MaxReason)
		press(Resolve)
	case "assign":
		q, _ := d.catalog.Queue(t.Queue)
		whom, found := store.PersonID(0), false
		if whom, found, err = agentNamed(ctx, tx, q, w.Rest); err == nil && !found {
			out.Wrong = "whom"
		} else if err == nil {
			change(Change{Act: Assign, Whom: whom})
		}
	case "priority":
		to := cmp.Or(priorityWords[strings.ToLower(first)], strings.ToLower(first))
		if !slices.Contains(Priorities, to) {
			out.Wrong = "priority"
			break
		}
		change(Change{Act: Prioritize, To: to})
	case "move":
		switch {
		case !slices.Contains(d.catalog.Targets(t), strings.ToLower(first)):
			out.Wrong = "queue"
		case CheckReason(rest) != "":
			out.Wrong = "reason"
		default:
			change(Change{Act: Transfer, To: strings.ToLower(first), Reason: rest})
		}
	case "vendor":
		if utf8.RuneCountInString(w.Rest) > MaxVendorRef || !d.catalog.HasVendor(t) {
			err = refuse(NotNow, t)
			break
		}
		change(Change{Act: Refer, To: w.Rest})
	case "snooze":
		until, ok := d.snoozeUntil(t, w.Rest, tx.Now.Time)
		if out.Wrong = "until"; ok {
			out.Wrong = ""
			if err = authorize(who, Snooze, store.DeskSide, t); err == nil {
				out.Outcome, err = d.snooze(ctx, tx, a, t, until)
			}
		}
	case "macro":
		found := false
		if out.Outcome, found, err = d.macro(ctx, tx, a, who, t, first); !found {
			out.Wrong = "macro"
		}
	case "note", "help":
	default:
		out.Wrong = "word"
	}
	if refused := (*Refusal)(nil); errors.As(err, &refused) {
		out.Refused, err = refused, nil
	}
	return out, err
}

// priorityWords are the priorities in French.
var priorityWords = map[string]string{"basse": "low", "normale": "normal", "haute": "high", "élevée": "high", "elevee": "high", "urgente": "urgent"}

// agentNamed finds the agent of a queue whom somebody named: by their name or the first part of it, if that is nobody else's, or by
// their account. With or without @.
func agentNamed(ctx context.Context, tx *store.Tx, q Queue, name string) (_ store.PersonID, found bool, err error) {
	agents, err := tx.AgentsAt(ctx, q.Place)
	if err != nil {
		return 0, false, err
	}
	name = strings.TrimPrefix(strings.TrimSpace(name), "@")
	for _, is := range []func(store.Agent) bool{
		func(a store.Agent) bool { return a.Account == name || strings.EqualFold(a.Name, name) },
		func(a store.Agent) bool {
			first, _, _ := strings.Cut(a.Name, " ")
			return strings.EqualFold(first, name)
		},
	} {
		var some []store.PersonID
		for _, a := range agents {
			if is(a) && !slices.Contains(some, a.Person) {
				some = append(some, a.Person)
			}
		}
		if len(some) == 1 {
			return some[0], true, nil
		}
	}
	return 0, false, nil
}

// snoozeUntil reads how long reminders are to sleep: "2h", "3d", nothing (until the desk opens on another day), or "off".
func (d *Desk) snoozeUntil(t store.Ticket, words string, now time.Time) (time.Time, bool) {
	words = strings.ToLower(strings.TrimSpace(words))
	switch words {
	case "", "tomorrow", "demain":
		return d.NextOpening(t, now), true
	case "off", "non":
		return now, true
	}
	text, days := strings.CutSuffix(strings.Replace(words, "j", "d", 1), "d")
	if days {
		text += "h"
	}
	length, err := time.ParseDuration(text)
	if days {
		length *= 24
	}
	if err != nil || length <= 0 || length > LongestSnooze {
		return now, false
	}
	return now.Add(length), true
}
