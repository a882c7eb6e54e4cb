package browser

import (
	"regexp"
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The parts of local-slack's page. A double quote in a text to look for is not supported.
const (
	sidebar = `//aside[@class="sidebar"]`
	channel = `//main[@class="main"]`
	thread  = `//aside[@class="thread-pane"]`
	form    = `//div[@class="modal"]`
	field   = form + `//div[@class="bk-input"]`
)

// words are those of an element, in which spaces that do not break are like others, as they look.
const words = `translate(., "  ", "  ")`

func named(text string) string { return `[normalize-space(` + words + `)="` + text + `"]` }

func containing(text string) string { return `[contains(` + words + `, "` + text + `")]` }

// message is one that contains all of these texts.
func message(place string, texts []string) string {
	path := place + `//div[@data-ts]`
	for _, t := range texts {
		path += containing(t)
	}
	return path
}

func quoted(texts []string) string { return `"` + strings.Join(texts, `", "`) + `"` }

// ActAs chooses whose hands the mouse and the keyboard are.
func (p *Page) ActAs(person string) {
	p.t.Helper()
	p.pick("act as "+person, `//header//label[@class="actas"]/select`, person)
}

// Enter opens a channel, or the direct messages between a person and the bot by that person's name.
func (p *Page) Enter(name string) {
	p.t.Helper()
	p.click("open "+name, sidebar+`//button[contains(@class, "sidebar-item")][contains(., "`+name+`")]`)
	p.see("the channel "+name, channel+`//span[@class="channel-title"][contains(., "`+name+`")]`)
}

// Say sends a text in the channel that is open, with people of the workspace mentioned by their handles.
func (p *Page) Say(text string) {
	p.t.Helper()
	p.say(channel, text)
}

// SayInThread is Say for the thread that is open.
func (p *Page) SayInThread(text string) {
	p.t.Helper()
	p.say(thread, text)
}

func (p *Page) say(place, text string) {
	p.t.Helper()
	composer := place + `//textarea[@class="composer-input"]`
	p.click("write "+text, composer)
	rest := text
	for at := mention.FindStringIndex(rest); at != nil; at = mention.FindStringIndex(rest) {
		run(p, "write "+text, chromedp.KeyEvent(rest[:at[1]-1]))
		p.see("whom to mention", place+`//*[contains(@class, "mention-option")]`)
		run(p, "mention somebody", chromedp.KeyEvent(kb.Tab))
		ask[bool](p, "the mention of "+rest[at[0]:at[1]], `path => { // twice the same, since the page puts the cursor a moment later
			const field = `+first+`, now = field.value + field.selectionStart, before = window.lastMention;
			window.lastMention = now;
			return now === before && field.value.endsWith(" "); }`, composer)
		run(p, "go on behind it", chromedp.KeyEvent(kb.End))
		rest = rest[at[1]:]
	}
	run(p, "write "+text, chromedp.KeyEvent(rest))
	ask[bool](p, "write "+text, `(path, end) => `+first+`?.value.endsWith(end)`, composer, rest)
	p.click("send "+text, place+`//button[@class="composer-send"]`)
	p.see("the sent text leaves the field", place+`//button[@class="composer-send"][@disabled]`)
}

// mention is the handle of a person in a text to say: the page offers who is called so, writes their name and a space.
var mention = regexp.MustCompile(`\B@\w+ `)

// See waits until the channel shows a message with all of these texts.
func (p *Page) See(texts ...string) {
	p.t.Helper()
	p.see("a message with "+quoted(texts), message(channel, texts))
}

// SeePicture waits until the channel shows a picture, all of it, whose description has a text.
func (p *Page) SeePicture(text string) {
	p.t.Helper()
	ask[bool](p, "a picture of "+text, `path => { const i = `+first+`; return i !== null && i.complete && i.naturalWidth > 0; }`,
		channel+`//img[contains(@alt, "`+text+`")]`)
}

// SeeInThread is See for the thread that is open.
func (p *Page) SeeInThread(texts ...string) {
	p.t.Helper()
	p.see("a message in the thread with "+quoted(texts), message(thread, texts))
}

// Press presses a button on the only message in the channel with these texts.
func (p *Page) Press(button string, texts ...string) {
	p.t.Helper()
	p.click("press "+button, message(channel, texts)+`//button[contains(@class, "bk-button")]`+named(button))
}

// OpenThread opens the thread of the only message in the channel with these texts.
func (p *Page) OpenThread(texts ...string) {
	p.t.Helper()
	p.hover("the message with "+quoted(texts), message(channel, texts))
	p.click("open the thread", message(channel, texts)+`//button[@title="Reply in thread"]`)
	p.see("the thread", message(thread, texts))
}

// CloseThread closes the thread that is open, which leaves the channel more room.
func (p *Page) CloseThread() {
	p.t.Helper()
	p.click("close the thread", thread+`//button`+named("✕"))
	p.gone("the thread", thread)
}

// Type fills in a text field of the form that is open.
func (p *Page) Type(label, text string) {
	p.t.Helper()
	p.write(label, field+`[label`+named(label)+`]//input`, text)
}

// Choose presses a radio button of the form.
func (p *Page) Choose(label, option string) {
	p.t.Helper()
	button := field + `[label` + named(label) + `]//label` + named(option) + `/input`
	p.click(label, button)
	ask[bool](p, label, `path => `+first+`?.checked`, button)
}

// Select chooses from a list of the form.
func (p *Page) Select(label, option string) {
	p.t.Helper()
	p.pick(label, field+`[label`+named(label)+`]//select`, option)
}

// SeeForm waits until the form shows a text.
func (p *Page) SeeForm(text string) {
	p.t.Helper()
	p.see("a form with "+text, form+containing(text))
}

// Submit presses the form's button, and Cancel the other one, which closes the form.
func (p *Page) Submit(button string) {
	p.t.Helper()
	p.click("press "+button, form+`//button[@class="modal-btn primary"]`+named(button))
}

// Cancel closes the form.
func (p *Page) Cancel(button string) {
	p.t.Helper()
	p.click("press "+button, form+`//button`+named(button))
	p.NoForm()
}

// NoForm waits until no form is open.
func (p *Page) NoForm() {
	p.t.Helper()
	p.gone("the form", form)
}

// Home opens the app's home view.
func (p *Page) Home() {
	p.t.Helper()
	p.click("open the home view", sidebar+`//div`+named("Apps")+`/following-sibling::button`)
}

// SeeHome waits until the home view shows a text.
func (p *Page) SeeHome(text string) {
	p.t.Helper()
	p.see("a home view with "+text, channel+`//div[@class="blocks"]`+containing(text))
}

// PressHome presses the only button of the home view that is named so.
func (p *Page) PressHome(button string) {
	p.t.Helper()
	p.click("press "+button, channel+`//button[contains(@class, "bk-button")]`+named(button))
}
