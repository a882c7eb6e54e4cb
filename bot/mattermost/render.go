package mattermost

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mattermost/mattermost/server/public/model"

	"guichet/bot/card"
	"guichet/markup"
)

// The server's limits on what we send, in characters.
const (
	maxMessage = 16_383
	maxProps   = 8_000 // of all properties together, as JSON, on old servers
	maxFooter  = 300
	maxField   = 500 // it takes more: what is that long is no fact at a glance
)

// render is a card as a post. What is said stands in the message, which notifications show and screen readers
// read; facts, small print and buttons in an attachment below.
func (d *Door) render(c card.Card, b binding) (*model.Post, error) {
	p := &model.Post{Message: cut(words(c), maxMessage)}
	p.AddProp(keyProp, b.key)
	a := &model.SlackAttachment{Footer: cut(oneLine(c.Context), maxFooter)}
	for _, f := range c.Fields {
		a.Fields = append(a.Fields, &model.SlackAttachmentField{Title: f.Name, Value: literal(cut(f.Value, maxField)), Short: true})
	}
	a.Actions = d.actions(c, b)
	if len(a.Fields) == 0 && len(a.Actions) == 0 && a.Footer == "" {
		return p, nil
	}
	a.Fallback = cut(oneLine(c.Title+" "+c.Context), maxFooter)
	return p, fit(p, a)
}

// fit puts an attachment into a post's properties, without the last of its buttons if they are too many for
// an old server: whatever they do can be done by words too.
func fit(p *model.Post, a *model.SlackAttachment) error {
	for {
		p.AddProp("attachments", []*model.SlackAttachment{a})
		text, err := json.Marshal(p.GetProps())
		if err != nil {
			return err
		}
		if utf8.RuneCount(text) <= maxProps || len(a.Actions)+len(a.Fields) == 0 {
			return nil
		}
		if len(a.Actions) > 0 {
			a.Actions = a.Actions[:len(a.Actions)-1]
		} else {
			a.Fields = a.Fields[:len(a.Fields)-1]
		}
	}
}

// words are a card's text, as Markdown.
func words(c card.Card) string {
	var parts []string
	if t := literal(oneLine(c.Title)); t != "" {
		parts = append(parts, "**"+t+"**")
	}
	if body := strings.Trim(markup.FromCanonical(c.Body).Markdown(), "\n"); body != "" {
		parts = append(parts, body)
	}
	for _, l := range c.Lines {
		if l != "" {
			parts = append(parts, literal(l))
		}
	}
	if c.Link != nil {
		parts = append(parts, linked(*c.Link))
	}
	return strings.Join(parts, "\n\n")
}

// linked is an address to press under its name; one that Markdown might take for something else stands as it is.
func linked(l card.Link) string {
	if !strings.HasPrefix(l.URL, "https://") && !strings.HasPrefix(l.URL, "http://") || strings.ContainsAny(l.URL, "()<>[] \n\\") {
		return literal(l.Text + " " + l.URL)
	}
	return "[" + literal(oneLine(l.Text)) + "](" + l.URL + ")"
}

// menuID is the action of a menu. What was chosen from it is a button: its id and value are the option's.
const (
	menuID   = "menu"
	menuItem = " " // between the id and the value
)

// actions are a card's buttons and its menu. Their ids are letters and digits alone, each once in a post.
func (d *Door) actions(c card.Card, b binding) (as []*model.PostAction) {
	add := func(id, op, value string) *model.PostAction {
		if slices.ContainsFunc(as, func(a *model.PostAction) bool { return a.Id == id }) {
			id += strconv.Itoa(len(as))
		}
		a := &model.PostAction{Id: id, Type: model.PostActionTypeButton,
			Integration: &model.PostActionIntegration{URL: d.address(forActions), Context: d.context(op, value, b)}}
		as = append(as, a)
		return a
	}
	for _, button := range c.Buttons {
		a := add(button.ID, button.ID, button.Value)
		a.Name, a.Style = button.Text, string(button.Style)
	}
	if len(c.Menu) == 0 {
		return as
	}
	var options []*model.PostActionOptions
	var all []string
	for _, i := range c.Menu {
		all = append(all, i.ID+menuItem+i.Value)
		options = append(options, &model.PostActionOptions{Text: i.Text, Value: i.ID + menuItem + i.Value})
	}
	menu := add(menuID, menuID, strings.Join(all, "\n")) // what may be chosen is signed: the server does not look
	menu.Type, menu.Options, menu.Name = model.PostActionTypeSelect, options, cmp.Or(c.More, "…")
	return as
}

// cut shortens s to at most longest characters.
func cut(s string, longest int) string {
	if utf8.RuneCountInString(s) <= longest {
		return s
	}
	return string([]rune(s)[:longest-1]) + "…"
}

// literal is a text in Markdown that shows as it was typed: it neither formats, mentions nor rings. An
// address links to itself, as everywhere in chat.
func literal(s string) string { return markup.FromPlain(s).Markdown() }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// clean makes a text storable: a NUL, which PostgreSQL does not keep, becomes its visible symbol, and bytes
// that are no UTF-8 become replacement characters.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\u2400")
}
