// Package card describes what people see, whatever the platform: cards and forms as plain
// structs, which each door renders in its own way. It imports only the standard library, and markup.
//
// A card's Body is what somebody wrote: markup in its canonical form, and each door shows it as it was meant.
// Every other text here is literal: doors escape it, so that what one person typed can neither format,
// link, mention nor ring anyone on the other side.
package card

import (
	"slices"
	"strings"

	"guichet/markup"
)

// Card is a message with some structure.
type Card struct {
	Title   string
	Body    string   // what somebody wrote, as markup.Text.Canonical; plain words stand for themselves in it
	Fields  []Field  // facts, shown in two columns where the platform can
	Lines   []string // paragraphs of our own words
	Link    *Link    // somewhere to go, if there is
	Calls   []string // accounts whose owners are to notice: the platform calls them by their name
	Context string   // small print
	Buttons []Button
	Menu    []Button // what can be done besides, out of sight at first; 25 at most, each by its ID, Value, Text and Group
	More    string   // what the menu is called
}

// Field is a name and a value.
type Field struct {
	Name  string
	Value string
}

// Link is an address under a name.
type Link struct{ Text, URL string }

// Style sets a button apart. It never carries meaning alone.
type Style string

const (
	Plain   Style = ""
	Primary Style = "primary"
)

// Button is something to press. ID is [A-Za-z0-9]+, as every platform allows; Value goes with it. Label
// is what screen readers say in place of Text, which may need its surroundings to be understood.
type Button struct {
	ID    string
	Value string
	Text  string
	Label string // empty: Text says it all
	Style Style
	Group string // in a menu: the heading under which it stands; one group's entries follow each other
}

// Text is the whole card as plain text: what notifications and screen readers get.
func (c Card) Text() string {
	var parts []string
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	add(c.Title)
	for _, f := range c.Fields {
		add(f.Name + " " + f.Value)
	}
	add(markup.FromCanonical(c.Body).Plain())
	for _, l := range c.Lines {
		add(l)
	}
	if c.Link != nil {
		add(c.Link.Text + " " + c.Link.URL)
	}
	add(c.Context)
	return strings.Join(parts, "\n")
}

// Form is one step of a form.
type Form struct {
	ID     string // command and form, such as "ticket.open"
	Step   string
	Title  string // at most 24 bytes
	Intro  []string
	Links  []Link  // where to go instead, or what to read before
	Inputs []Input // 5 at most
	Submit string  // at most 24 bytes, as Cancel
	Cancel string
	Hidden Hidden
}

// Hidden travels with a form to the person and back. Platforms that show it to people must sign it.
type Hidden struct {
	Ticket int64  `json:"t,omitempty"`
	Side   string `json:"d,omitempty"` // of the counter on which the form was opened
	Nonce  string `json:"n"`           // makes sending it twice harmless
	Person int64  `json:"p"`           // who opened it: nobody else may send it
	Step   string `json:"s,omitempty"`
	Seen   string `json:"v,omitempty"` // what the person saw of what the form changes
}

// InputType is the sort of a field.
type InputType string

const (
	Text   InputType = "text"
	Area   InputType = "area"
	Choice InputType = "choice" // one of a few, all in sight
	Select InputType = "select" // one of many
	Files  InputType = "files"  // up to Longest of them
	Person InputType = "person" // somebody of the workspace: the value is their account
	Box    InputType = "box"    // to be ticked: its one option, whose value is Ticked, says what that means
)

// Ticked is the value of a box that was.
const Ticked = "yes"

// Input is one field of a form. ID is [A-Za-z0-9]+.
type Input struct {
	ID       string
	Type     InputType
	Label    string
	Hint     string
	Links    []Link // what to read before
	Optional bool
	Initial  string
	Longest  int // characters, for Text and Area
	Options  []Option
}

// Option is one choice.
type Option struct {
	Value string
	Text  string
}

// Asks says whether a form has a field.
func (f Form) Asks(field string) bool {
	return slices.ContainsFunc(f.Inputs, func(i Input) bool { return i.ID == field })
}

// Home is what a person's home view shows.
type Home struct {
	Title    string
	Buttons  []Button // tabs, and what else can be begun from here
	Sections []Section
}

// Section is a part of a home view.
type Section struct {
	Title string
	Items []Item
	Empty string // what is said when there is no item
	More  *Button
}

// Item is a line, with a button of its own unless that has no ID.
type Item struct {
	Text   string
	Button Button
}

// Card is the same as a message, for where there is no home view.
func (h Home) Card() Card {
	c := Card{Title: h.Title, Buttons: slices.Clone(h.Buttons)}
	for _, s := range h.Sections {
		c.Lines = append(c.Lines, s.Title)
		for _, i := range s.Items {
			c.Lines = append(c.Lines, i.Text)
			if i.Button.ID != "" && !slices.Contains(c.Buttons, i.Button) {
				c.Buttons = append(c.Buttons, i.Button)
			}
		}
		if len(s.Items) == 0 {
			c.Lines = append(c.Lines, s.Empty)
		}
		if s.More != nil && !slices.Contains(c.Buttons, *s.More) {
			c.Buttons = append(c.Buttons, *s.More)
		}
	}
	return c
}
