package app_test

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"guichet/internal/localslack"
)

// all is everything in a channel; a person's id stands for their direct channel.
func (d *desk) all(channel string) []localslack.Message {
	d.t.Helper()
	// Cleanups look at messages too, when the test's own context has ended.
	ctx := context.WithoutCancel(d.t.Context())
	if strings.HasPrefix(channel, "U") {
		dm, err := d.slack.DM(ctx, channel)
		if err != nil {
			d.t.Fatal(err)
		}
		channel = dm
	}
	ms, err := d.slack.Messages(ctx, channel)
	if err != nil {
		d.t.Fatal(err)
	}
	return ms
}

// messages are those of a channel that everybody in it sees.
func (d *desk) messages(channel string) []localslack.Message {
	d.t.Helper()
	return slices.DeleteFunc(d.all(channel), func(m localslack.Message) bool { return m.EphemeralTo != "" })
}

// private are the messages of a channel that only one person sees: guichet's answers.
func (d *desk) private(who, channel string) []localslack.Message {
	d.t.Helper()
	return slices.DeleteFunc(d.all(channel), func(m localslack.Message) bool { return m.EphemeralTo != who })
}

// find waits for the one message of a channel that contains all of these texts.
func (d *desk) find(channel string, texts ...string) (found localslack.Message) {
	d.t.Helper()
	d.eventually(fmt.Sprintf("%s shows %q", channel, texts), func() bool {
		ms := d.containing(channel, texts...)
		if len(ms) > 1 {
			d.t.Fatalf("%s shows %q %d times", channel, texts, len(ms))
		}
		if len(ms) == 1 {
			found = ms[0]
		}
		return len(ms) == 1
	})
	return found
}

func (d *desk) containing(channel string, texts ...string) []localslack.Message {
	d.t.Helper()
	return slices.DeleteFunc(d.messages(channel), func(m localslack.Message) bool {
		for _, text := range texts {
			if !strings.Contains(m.AllText(), text) {
				return true
			}
		}
		return false
	})
}

// press presses the button of a message, or chooses from its menu.
func (d *desk) press(who string, m localslack.Message, button string) {
	d.t.Helper()
	for _, b := range m.Buttons() {
		if b.ActionID == button || strings.HasPrefix(b.ActionID, button+".") {
			if err := d.slack.Press(d.t.Context(), who, m.Channel, m.TS, b.BlockID, b.ActionID, b.Value); err != nil {
				d.t.Fatal(err)
			}
			return
		}
	}
	for _, i := range m.Menu() {
		if strings.HasPrefix(i.Value, button+" ") {
			if err := d.slack.Choose(d.t.Context(), who, m, i); err != nil {
				d.t.Fatal(err)
			}
			return
		}
	}
	d.t.Fatalf("no button %q on: %s", button, m.AllText())
}

// forge presses a button that is not there.
func (d *desk) forge(who string, m localslack.Message, button, value string) {
	d.t.Helper()
	if err := d.slack.Press(d.t.Context(), who, m.Channel, m.TS, "actions", button, value); err != nil {
		d.t.Fatal(err)
	}
}

// write posts a message as a person, in a thread when root is given. It returns once the program, if
// it runs, has acknowledged that.
func (d *desk) write(who, channel, text, root string) string {
	d.t.Helper()
	ts, err := d.slack.PostMessage(d.t.Context(), who, channel, text, root)
	if err != nil {
		d.t.Fatal(err)
	}
	d.delivered()
	return ts
}

// command types a slash command in the general channel.
func (d *desk) command(who, text string) {
	d.t.Helper()
	if err := d.slack.Command(d.t.Context(), who, general, "/ticket", text); err != nil {
		d.t.Fatal(err)
	}
}

// answer does something and returns what the person is then told, alone, in a channel.
func (d *desk) answer(who, channel string, do func()) (got localslack.Message) {
	d.t.Helper()
	before := len(d.private(who, channel))
	do()
	d.eventually(who+" gets an answer", func() bool {
		ms := d.private(who, channel)
		if len(ms) > before {
			got = ms[len(ms)-1]
		}
		return len(ms) > before
	})
	return got
}

// ask types a command and returns the answer.
func (d *desk) ask(who, text string) localslack.Message {
	d.t.Helper()
	return d.answer(who, general, func() { d.command(who, text) })
}

// shows checks that a person's answer, or any message, has these texts.
func (d *desk) shows(m localslack.Message, texts ...string) {
	d.t.Helper()
	for _, text := range texts {
		if !strings.Contains(m.AllText(), text) {
			d.t.Errorf("%q is not in: %s", text, m.AllText())
		}
	}
}

// buttons are the ids of a message's buttons, in order.
func buttons(m localslack.Message) string {
	var ids []string
	for _, b := range m.Buttons() {
		id, _, _ := strings.Cut(b.ActionID, ".")
		ids = append(ids, id)
	}
	return strings.Join(ids, " ")
}

// view waits for the form that a person sees.
func (d *desk) view(p *localslack.Page) localslack.View {
	d.t.Helper()
	v, err := p.View(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	return v
}

// titled waits for a form by its title.
func (d *desk) titled(p *localslack.Page, title string) {
	d.t.Helper()
	_, err := p.WaitView(d.t.Context(), title, func(v localslack.View) bool { return v.Title == title })
	if err != nil {
		d.t.Fatal(err)
	}
}

// fill presses a button that opens a form and sends that filled in. It returns the field errors.
func (d *desk) fill(who string, m localslack.Message, button string, answers map[string]string) map[string]string {
	d.t.Helper()
	p := d.slack.OpenTest(d.t, who)
	defer p.Close()
	d.press(who, m, button)
	return d.form(p, answers)
}

// form waits for the form that a person sees and fills it in. It returns the field errors.
func (d *desk) form(p *localslack.Page, answers map[string]string) map[string]string {
	d.t.Helper()
	values, err := d.view(p).Fill(answers)
	if err != nil {
		d.t.Fatal(err)
	}
	return d.submit(p, values)
}

// submit sends the form that a person sees, also with what nobody could have filled in.
func (d *desk) submit(p *localslack.Page, values localslack.Values) map[string]string {
	d.t.Helper()
	_, errs, err := p.Submit(d.t.Context(), values)
	if err != nil {
		d.t.Fatal(err)
	}
	return errs
}

// open opens an incident about Office as a person does, and returns its number.
func (d *desk) open(who, subject, description string) string {
	d.t.Helper()
	p := d.slack.OpenTest(d.t, who)
	defer p.Close()
	d.command(who, "office")
	if errs := d.form(p, map[string]string{"kind": "incident", "subject": subject, "description": description,
		"impact": "one", "urgency": "medium"}); len(errs) > 0 {
		d.t.Fatalf("the form has errors: %v", errs)
	}
	if d.team == nil || !d.team.home {
		d.find(support, subject, "Office")
	}
	card := d.find(who, subject, "Your ticket has the number")
	d.settle() // only then is it known whose the two threads are
	return numberOf(card)
}

// numberOf is the number in the title of a ticket's card.
func numberOf(card localslack.Message) string {
	number, _, _ := strings.Cut(strings.TrimPrefix(card.AllText(), "#"), " ")
	return number
}

// card and conversation are a ticket's roots: in the queue's channel, and in its requester's.
func (d *desk) card(number string) localslack.Message {
	d.t.Helper()
	return d.find(support, "#"+number+" ", "Requester")
}

func (d *desk) conversation(who, number string) localslack.Message {
	d.t.Helper()
	return d.find(who, "Your ticket has the number "+number)
}

// seen is all that a ticket's two sides see, to tell whether anything has changed.
func (d *desk) seen(requester string) string {
	d.t.Helper()
	d.settle()
	var b strings.Builder
	for _, channel := range []string{support, emm, requester} {
		for _, m := range d.messages(channel) {
			fmt.Fprintln(&b, m.Channel, m.TS, m.ThreadTS, m.AllText(), buttons(m))
		}
	}
	return b.String()
}
