// Package markup is formatted text, whatever the platform: what one person wrote in Slack is read
// in Mattermost, in a mail or in plain words, and means the same.
//
// A Text is parsed from one dialect and written in another; nothing is translated from string to
// string. What somebody typed literally stays literal in every dialect: it can neither format,
// link, mention nor ring anyone on the other side. Mentions are plain words here.
//
// Two invisible characters do what no escape does. U+2060 (word joiner) breaks what a platform
// would take for formatting or a mention; U+200B (zero width space) parts formatted letters from
// the rest of their word. No Text contains either: every parser removes them, so that what was
// broken on the way out is whole again on the way in.
package markup

import "reflect"

// Text is formatted text. The zero Text is empty. A Text never changes.
type Text struct {
	blocks []block // in normal form: see build
}

// Equal says whether two texts are the same, formatting included.
func (t Text) Equal(u Text) bool { return reflect.DeepEqual(t, u) }

// Empty says whether there is nothing to show.
func (t Text) Empty() bool { return len(t.blocks) == 0 }

// FromPlain is text without any formatting: every character stands for itself.
func FromPlain(s string) Text {
	return build([]block{{kind: prose, spans: []span{{text: s}}}})
}

type kind uint8

const (
	prose kind = iota // spans, with line breaks in them; a blank line parts paragraphs
	pre               // text as it stands
	quote             // blocks
	list              // items, each of blocks
)

type block struct {
	kind     kind
	spans    []span
	text     string
	blocks   []block
	items    [][]block
	numbered bool // or else with bullets
	first    int  // the number of the first item
}

type style uint8

const (
	bold style = 1 << iota
	italic
	strike
	code
	emoji // the text is shortcodes, as ":smile:"
)

// span is letters that look alike. A link's label may be several spans of the same address.
type span struct {
	text  string
	style style
	link  string
}

const (
	joiner   = "\u2060" // breaks
	boundary = "\u200b" // parts
)

// deepest is how far quotes and lists nest: beyond it, what is inside is kept without them. Nobody
// writes deeper, and output grows by a prefix a line and level.
const deepest = 10
