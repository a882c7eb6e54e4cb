package helpdesk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"guichet/store"
)

// aWord is all there is to know about a word, but for the line about it in ?help (bot/text: word.help.*).
type aWord struct {
	name string
	also []string // what else it is called: in French
	act  Act      // who may do that may say it; empty: whoever may write in the thread
	// do does it. What is not understood is a misread. Nil: there is nothing to do but to keep it, or to answer.
	do func(*Desk, context.Context, *store.Tx, typedWord) (Outcome, error)
}

// words are all words, in the order in which ?help tells of them.
func words() []aWord {
	return []aWord{
		{"take", []string{"prendre"}, Take, (*Desk).sayTake},
		{"release", []string{"rendre"}, Release, pressed(Release)},
		{"assign", []string{"affecter"}, Assign, (*Desk).sayAssign},
		{"handover", []string{"transmettre"}, HandOver, (*Desk).sayHandOver},
		{"reply", []string{"répondre"}, Reply, (*Desk).sayReply},
		{"macro", []string{"modèle"}, Reply, (*Desk).sayMacro},
		{"note", nil, "", nil},
		{"wait", []string{"attendre"}, Wait, pressed(Wait)},
		{"resolve", []string{"résoudre"}, Resolve, (*Desk).sayResolve},
		{"reopen", []string{"rouvrir"}, Reopen, pressed(Reopen)},
		{"close", []string{"clore", "clôturer"}, Close, pressed(Close)},
		{"priority", []string{"priorité"}, Prioritize, (*Desk).sayPriority},
		{"move", []string{"déplacer"}, Transfer, (*Desk).sayMove},
		{"vendor", []string{"éditeur"}, Refer, (*Desk).sayVendor},
		{"tag", []string{"étiqueter"}, Tag, (*Desk).sayTag},
		{"untag", []string{"désétiqueter"}, Tag, (*Desk).sayTag},
		{"merge", []string{"fusionner"}, Merge, naming(Merge)},
		{"link", []string{"lier"}, Link, (*Desk).sayLink},
		{"unlink", []string{"délier"}, Link, (*Desk).sayLink},
		{"part", []string{"rattacher"}, Part, naming(Part)},
		{"split", []string{"scinder"}, Split, (*Desk).saySplit},
		{"announce", []string{"annoncer"}, Announce, (*Desk).sayAnnounce},
		{"snooze", []string{"plus-tard"}, Snooze, (*Desk).saySnooze},
		{"watch", []string{"suivre"}, Watch, watched(Watch)},
		{"unwatch", []string{"ne-plus-suivre"}, Unwatch, watched(Unwatch)},
		{"help", []string{"aide"}, "", nil},
	}
}

// pressed is a word that is a button.
func pressed(act Act) func(*Desk, context.Context, *store.Tx, typedWord) (Outcome, error) {
	return func(d *Desk, ctx context.Context, tx *store.Tx, w typedWord) (Outcome, error) {
		return d.press(ctx, tx, w.a, w.t, act, store.DeskSide)
	}
}

func watched(act Act) func(*Desk, context.Context, *store.Tx, typedWord) (Outcome, error) {
	return func(d *Desk, ctx context.Context, tx *store.Tx, w typedWord) (Outcome, error) {
		return d.watch(ctx, tx, w.a, w.t, act)
	}
}

// changed does what an entry of the menu does. Whoever types it has seen nothing of what it was before.
func (d *Desk) changed(ctx context.Context, tx *store.Tx, w typedWord, c Change) (Outcome, error) {
	c.Any = true
	return d.change(ctx, tx, w.a, w.t, c)
}

// naming is a word that names another ticket. Of a part, "off" says that it is none any more.
func naming(act Act) func(*Desk, context.Context, *store.Tx, typedWord) (Outcome, error) {
	return func(d *Desk, ctx context.Context, tx *store.Tx, w typedWord) (Outcome, error) {
		to, more := w.first()
		switch {
		case to == "" || more != "":
			return Outcome{}, &misread{what: "number"}
		case act == Part && slices.Contains(offWords, to):
			to = ""
		}
		return d.changed(ctx, tx, w, Change{Act: act, To: to})
	}
}

// offWords say that something is to be so no more.
var offWords = []string{"off", "non"}

// sayLink adds links to those of the ticket, or takes some off.
func (d *Desk) sayLink(ctx context.Context, tx *store.Tx, w typedWord) (Outcome, error) {
	names := ParseNames(w.Rest)
	if len(names) == 0 {
		return Outcome{}, &misread{what: "number"}
	}
	var to []string
	for _, id := range LinksOf(w.t) {
		is := func(name string) bool { named, ok := d.catalog.ParseName(name); return ok && named == id }
		if w.Name != "unlink" || !slices.ContainsFunc(names, is) {
			to = append(to, fmt.Sprint(id))
		}
	}
	if w.Name != "unlink" {
		to = append(to, names...)
	}
	return d.changed(ctx, tx, w, Change{Act: Link, To: strings.Join(to, " ")})
}

// sayTake takes what nobody has. Taking over is said with ?assign and one's own name.
func (d *Desk) sayTake(ctx context.Context, tx *store.Tx, w typedWord) (Outcome, error) {
	if w.t.Assignee != 0 && w.t.Assignee != w.a.Person {
		return Outcome{}, d.overtaken(ctx, tx, w.a, w.t, Taken, Take, Assign, HandOver)
	}
	return d.press(ctx, tx, w.a, w.t, Take, store.DeskSide)
}

func (d *Desk) sayAssign(ctx context.Context, tx *store.Tx, w typedWord) (Outcome, error) {
	q, _ := d.catalog.Queue(w.t.Queue)
	whom, after, found, err := agentIn(ctx, tx, q, w.Rest, w.mentioned)
	if err == nil && (!found || after != "") {
		err = &misread{what: "whom"}
	}
	if err != nil {
		return Outcome{}, err
	}
	return d.changed(ctx, tx, w, Change{Act: Assign, Whom: whom})
}

func (d *Desk) sayHandOver(ctx context.Context, tx *store.Tx, w typedWord) (Outcome, error) {
	q, _ := d.catalog.Queue(w.t.Queue)
	whom, summary, found, err := agentIn(ctx, tx, q, w.Rest, w.mentioned)
	switch {
	case err != nil:
		return Outcome{}, err
	case !found:
		return Outcome{}, &misread{what: "whom"}
	case CheckBody(summary) != "":
		return Outcome{}, &misread{what: "summary"}
	}
	return d.changed(ctx, tx, w, Change{Act: HandOver, Whom: whom, Reason: summary, Note: w.in})
}

// sayReply sends what follows. The word itself stays, as they all do.
func (d *Desk) sayReply(ctx context.Context, tx *store.Tx, w typedWord) (Outcome, error) {
	if w.Rest == "" {
		return Outcome{}, &misread{what: "reply"}
	}
	s, err := d.speak(ctx, tx, w.a, w.who, w.t, store.Message{Body: w.body, Side: store.DeskSide, Audience: store.Public}, "")
	return s.Outcome, err
}

func (d *Desk) sayMacro(ctx context.Context, tx *store.Tx, w typedWord) (Outcome, error) {
	key, _ := w.first()
	m, ok := d.catalog.macro(w.t.Queue, key)
	if !ok {
		var known []string
		for _, m := range d.catalog.MacrosOf(w.t.Queue) {
			known = append(known, m.Key)
		}
		return Outcome{}, &misread{"macro", known}
	}
	text, err := d.filled(ctx, tx, m, w.t, w.who.Person)
	if err != nil {
		return Outcome{}, err
	}
	s, err := d.answer(ctx, tx, w.a, w.who, w.t, m, text)
	return s.Outcome, err
}

func (d *Desk) sayResolve(ctx context.Context, tx *store.Tx, w typedWord) (Outcome, error) {
	if utf8.RuneCountInString(w.Rest) > MaxResolution {
		return Outcome{}, &misread{what: "resolution"}
	}
	w.a.Reason = w.Rest
	return d.press(ctx, tx, w.a, w.t, Resolve, store.DeskSide)
}

// priorityWords are the priorities in French, without accents.
var priorityWords = map[string]string{"basse": "low", "normale": "normal", "haute": "high", "elevee": "high", "urgente": "urgent"}

func (d *Desk) sayPriority(ctx context.Context, tx *store.Tx, w typedWord) (Outcome, error) {
	first, _ := w.first()
	to := cmp.Or(priorityWords[bare(first)], first)
	if !slices.Contains(Priorities, to) {
		return Outcome{}, &misread{what: "priority"}
	}
	return d.changed(ctx, tx, w, Change{Act: Prioritize, To: to})
}

func (d *Desk) sayMove(ctx context.Context, tx *store.Tx, w typedWord) (Outcome, error) {
	to, reason := w.first()
	switch targets := d.catalog.Targets(w.t); {
	case !slices.Contains(targets, to):
		return Outcome{}, &misread{"queue", targets}
	case CheckReason(reason) != "":
		return Outcome{}, &misread{what: "reason"}
	}
	return d.changed(ctx, tx, w, Change{Act: Transfer, To: to, Reason: reason})
}

func (d *Desk) sayVendor(ctx context.Context, tx *store.Tx, w typedWord) (Outcome, error) {
	switch {
	case !d.catalog.HasVendor(w.t):
		return Outcome{}, refuse(NotNow, w.t)
	case utf8.RuneCountInString(w.Rest) > MaxVendorRef:
		return Outcome{}, &misread{what: "vendor"}
	}
	return d.changed(ctx, tx, w, Change{Act: Refer, To: w.Rest})
}

// sayTag adds tags to those of the ticket, or takes some off.
func (d *Desk) sayTag(ctx context.Context, tx *store.Tx, w typedWord) (Outcome, error) {
	tags, wrong := ParseTags(w.Rest)
	has := strings.Fields(w.t.Tags)
	switch {
	case wrong != "" || len(tags) == 0:
		return Outcome{}, &misread{"tags", has}
	case w.Name == "untag":
		tags = slices.DeleteFunc(has, func(t string) bool { return slices.Contains(tags, t) })
	default:
		tags = append(has, tags...)
	}
	to := strings.Join(tags, " ")
	if _, wrong = ParseTags(to); wrong != "" {
		return Outcome{}, &misread{"tags", has}
	}
	return d.changed(ctx, tx, w, Change{Act: Tag, To: to})
}

func (d *Desk) saySnooze(ctx context.Context, tx *store.Tx, w typedWord) (Outcome, error) {
	until, ok := d.snoozeUntil(w.t, w.Rest, tx.Now.Time)
	if !ok {
		return Outcome{}, &misread{what: "until"}
	}
	return d.snooze(ctx, tx, w.a, w.t, until)
}

// snoozeUntil reads how long reminders are to sleep: "2h", "3d", nothing (until the desk opens on another day), or "off".
func (d *Desk) snoozeUntil(t store.Ticket, words string, now time.Time) (time.Time, bool) {
	words = strings.ToLower(strings.TrimSpace(words))
	switch words {
	case "", "tomorrow", "demain":
		return d.NextOpening(t, now), true
	}
	if slices.Contains(offWords, words) {
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
