package slack

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackutilsx"

	"guichet/bot/card"
	"guichet/markup"
	"guichet/store"
)

// Slack's limits on what we send, in characters (Unicode code points) where not in bytes.
const (
	maxHeader   = 150
	maxSection  = 3000
	maxField    = 500 // Slack takes 2000: what is that long is no fact at a glance
	maxFields   = 10
	maxButtons  = 25
	maxLines    = 30 // paragraphs that are blocks of their own; a message has 50 blocks at most
	maxButton   = 75
	maxLabel    = 75 // of a button, for screen readers
	maxOption   = 75
	maxOverflow = 5 // entries
	maxHint     = 2000
	maxLink     = 500    // of an address; real ones are a fifth of that
	maxMessage  = 11_000 // of all blocks together; Slack refuses more than about 12,000
	maxFallback = 39_000 // bytes
	maxUpdated  = 4_000  // bytes, of the text with which a message is updated
)

// blocks renders a card. What people wrote is formatted as they wrote it, and verbatim: Slack finds no names or
// addresses in it by itself. All else is in plain_text objects, where it neither formats nor links nor mentions;
// or in a title or a fact, which marked sees to.
func blocks(c card.Card) []slack.Block {
	room := maxMessage
	fit := func(s string, longest int) string { // no real card is cut here: bot makes them shorter
		s = cut(s, min(longest, room))
		room -= utf8.RuneCountInString(s)
		return s
	}
	mark := func(s string, longest int) *slack.TextBlockObject {
		t := marked(s, longest)
		room -= len(t.Text) - len(s) // escaping makes it longer
		return t
	}
	var head, body, foot []slack.Block
	switch title := fit(oneLine(c.Title), maxSection); {
	case title == "":
	case len(c.Fields) > 0 && utf8.RuneCountInString(title) <= maxHeader:
		head = append(head, slack.NewHeaderBlock(plain(title)))
	default:
		head = append(head, slack.NewSectionBlock(mark(title, maxSection), nil, nil))
	}
	if small := fit(c.Context, maxSection); strings.TrimSpace(small) != "" {
		foot = append(foot, slack.NewContextBlock("", plain(small)))
	}
	for n := 0; n < len(c.Buttons); n += maxButtons {
		some := slices.Clone(c.Buttons[n:min(n+maxButtons, len(c.Buttons))])
		for i := range some {
			some[i].Text = fit(some[i].Text, maxButton)
		}
		es := buttonElements(some)
		foot = append(foot, slack.NewActionBlock("actions"+strings.Repeat("+", n/maxButtons), es...))
	}
	if len(c.Menu) > 0 {
		foot = withMenu(foot, c.Menu, c.More)
	}
	for fields := range slices.Chunk(c.Fields, maxFields) {
		var some []*slack.TextBlockObject
		for _, f := range fields {
			if t := fit(f.Name+"\n"+f.Value, maxField); strings.TrimSpace(t) != "" {
				some = append(some, mark(t, maxField))
			}
		}
		if len(some) > 0 {
			head = append(head, slack.NewSectionBlock(nil, some, nil))
		}
	}
	if len(c.Calls) > 0 {
		body = append(body, calls(c.Calls))
	}
	if c.Link != nil {
		room -= utf8.RuneCountInString(c.Link.Text) + min(len(c.Link.URL), maxLink)
	}
	said, taken := formatted(c.Body, room)
	room -= taken
	body = append(body, said...)
	for some := range slices.Chunk(c.Lines, 1+len(c.Lines)/maxLines) {
		body = append(body, sections(fit(strings.Join(some, "\n\n"), room))...)
	}
	if c.Link != nil {
		body = append(body, linked(*c.Link))
	}
	return slices.Concat(head, body, foot)
}

// calls has people notice a message: the platform tells them that they are mentioned in it.
func calls(accounts []string) slack.Block {
	var all []string
	for _, a := range accounts {
		if account.MatchString(a) {
			all = append(all, "<@"+a+">")
		}
	}
	return slack.NewSectionBlock(mrkdwn(strings.Join(all, " ")), nil, nil)
}

// account is Slack's id of a person.
var account = regexp.MustCompile(`^[UW][A-Z0-9]+$`)

// formatted is what somebody wrote, as far as there is room for it, and how much of that it takes. A message is
// cut long before (helpdesk.Parts).
func formatted(body string, room int) (bs []slack.Block, taken int) {
	if strings.TrimSpace(body) == "" {
		return nil, 0
	}
	for _, part := range markup.Split(body, maxSection) {
		text := strings.Trim(markup.FromCanonical(part).Slack(), "\n")
		if strings.TrimSpace(text) == "" {
			continue
		}
		n := utf8.RuneCountInString(text)
		if n > room-taken {
			return append(bs, sections(cut(markup.FromCanonical(part).Plain(), room-taken))...), room
		}
		bs, taken = append(bs, slack.NewSectionBlock(mrkdwn(text), nil, nil)), taken+n
	}
	return bs, taken
}

// linked is an address to press under its name; one that Slack might take for something else is plain.
func linked(l card.Link) slack.Block {
	if len(l.URL) > maxLink || !strings.HasPrefix(l.URL, "https://") && !strings.HasPrefix(l.URL, "http://") || strings.ContainsAny(l.URL, "<>| \n") {
		return slack.NewSectionBlock(plain(cut(l.Text+" "+l.URL, maxLink)), nil, nil)
	}
	return slack.NewSectionBlock(mrkdwn("<"+slackutilsx.EscapeMessage(l.URL)+"|"+slackutilsx.EscapeMessage(oneLine(cut(l.Text, maxLabel)))+">"), nil, nil)
}

// marked is a text whose first line is bold. Where anything in it would format it further, or
// escaping makes it too long, it is all plain.
func marked(s string, longest int) *slack.TextBlockObject {
	first, rest, more := strings.Cut(s, "\n")
	bold := "*" + slackutilsx.EscapeMessage(first) + "*"
	if more {
		bold += "\n" + slackutilsx.EscapeMessage(rest)
	}
	if first == "" || strings.ContainsAny(s, "*_~`") || strings.Contains("\n"+s, "\n>") || len(bold) > longest {
		return plain(s)
	}
	return mrkdwn(bold)
}

// buttonElements are the buttons of one block. Slack wants ids unique within it.
func buttonElements(bs []card.Button) (es []slack.BlockElement) {
	for i, b := range bs {
		e := slack.NewButtonBlockElement(b.ID, b.Value, plain(cut(b.Text, maxButton)))
		e.Style = slack.Style(b.Style)
		e.AccessibilityLabel = cut(cmp.Or(b.Label, b.Text), maxLabel)
		if repeats(bs[:i], b.ID) {
			e.ActionID += "." + strconv.Itoa(i)
		}
		es = append(es, e)
	}
	return es
}

// menuID is the action of a menu. What was chosen from it is a button: its id and value are the option's.
const (
	menuID   = "menu"
	menuItem = " " // between the id and the value
)

// withMenu puts a menu behind the buttons: as dots, where Slack has room for it there (overflow: 5), else as a list under its headings,
// which has a name, and takes letters and arrows.
func withMenu(foot []slack.Block, menu []card.Button, name string) []slack.Block {
	var more slack.BlockElement
	if len(menu) <= maxOverflow {
		more = slack.NewOverflowBlockElement(menuID, entries(menu)...)
	} else {
		var groups []*slack.OptionGroupBlockObject
		for len(menu) > 0 {
			n := slices.IndexFunc(menu, func(b card.Button) bool { return b.Group != menu[0].Group })
			if n < 0 {
				n = len(menu)
			}
			groups = append(groups, slack.NewOptionGroupBlockElement(plain(cut(cmp.Or(menu[0].Group, name), maxOption)), entries(menu[:n])...))
			menu = menu[n:]
		}
		more = slack.NewOptionsGroupSelectBlockElement(slack.OptTypeStatic, plain(cut(name, maxLabel)), menuID, groups...)
	}
	if n := len(foot); n > 0 {
		if a, ok := foot[n-1].(*slack.ActionBlock); ok && len(a.Elements.ElementSet) < maxButtons {
			a.Elements.ElementSet = append(a.Elements.ElementSet, more)
			return foot
		}
	}
	return append(foot, slack.NewActionBlock("menu", more))
}

func entries(menu []card.Button) (options []*slack.OptionBlockObject) {
	for _, i := range menu {
		options = append(options, slack.NewOptionBlockObject(i.ID+menuItem+i.Value, plain(cut(i.Text, maxOption)), nil))
	}
	return options
}

// anew gives a list that is a menu another name with each delivery: Slack shows what was chosen from it until then, and can't have
// that chosen again.
func anew(bs []slack.Block, id store.DeliveryID) []slack.Block {
	for _, b := range bs {
		if a, ok := b.(*slack.ActionBlock); ok && id != 0 && slices.ContainsFunc(a.Elements.ElementSet, func(e slack.BlockElement) bool {
			_, list := e.(*slack.SelectBlockElement)
			return list
		}) {
			a.BlockID += ":" + strconv.FormatInt(int64(id), 10)
		}
	}
	return bs
}

func repeats(before []card.Button, id string) bool {
	return slices.ContainsFunc(before, func(b card.Button) bool { return b.ID == id })
}

// sections puts a text of any length into plain_text sections, cut at line ends where there are any.
func sections(s string) []slack.Block {
	var bs []slack.Block
	for s = strings.Trim(s, "\n"); s != ""; {
		head := s
		if utf8.RuneCountInString(s) > maxSection {
			head = s[:start(s, maxSection)]
			if i := strings.LastIndexByte(head, '\n'); i > len(head)/2 {
				head = head[:i]
			}
		}
		s = strings.TrimLeft(s[len(head):], "\n")
		if strings.TrimSpace(head) != "" {
			bs = append(bs, slack.NewSectionBlock(plain(head), nil, nil))
		}
	}
	return bs
}

// start is the length in bytes of the first n characters of s.
func start(s string, n int) int {
	for i := range s {
		if n--; n < 0 {
			return i
		}
	}
	return len(s)
}

// fallback is the text of a message: notifications and screen readers get it, so it says the
// whole thing, as far as it fits in so many bytes. It is mrkdwn, so it is escaped.
func fallback(c card.Card, longest int) string {
	s := slackutilsx.EscapeMessage(c.Text())
	if len(s) <= longest {
		return s
	}
	s = s[:longest-len("…")]
	if i := strings.LastIndexByte(s, '&'); i >= len(s)-len("&amp") && !strings.Contains(s[i:], ";") {
		s = s[:i] // half an entity
	}
	return strings.ToValidUTF8(s, "") + "…" // without half a character
}

func plain(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, s, true, false)
}

// mrkdwn is formatted text; verbatim, so that Slack makes no links of names in it.
func mrkdwn(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, s, false, true)
}

// cut shortens s to at most longest characters.
func cut(s string, longest int) string {
	switch {
	case utf8.RuneCountInString(s) <= longest:
		return s
	case longest < 1:
		return ""
	}
	return string([]rune(s)[:longest-1]) + "…"
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// view renders a step of a form. The block of a field is named like the field, which is how its
// errors find it.
func view(f card.Form) (slack.ModalViewRequest, error) {
	hidden, err := json.Marshal(f.Hidden)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	v := slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: f.ID, PrivateMetadata: string(hidden),
		Title: plain(f.Title), Submit: plain(f.Submit), Close: plain(f.Cancel),
	}
	for _, s := range f.Intro {
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, sections(s)...)
	}
	for _, l := range f.Links {
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, linked(l))
	}
	for _, i := range f.Inputs {
		var hint *slack.TextBlockObject
		if i.Hint != "" {
			hint = plain(cut(i.Hint, maxHint))
		}
		for _, l := range i.Links {
			v.Blocks.BlockSet = append(v.Blocks.BlockSet, linked(l))
		}
		b := slack.NewInputBlock(i.ID, plain(i.Label), hint, element(i))
		b.Optional = i.Optional
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, b)
	}
	return v, nil
}

func element(i card.Input) slack.BlockElement {
	var options []*slack.OptionBlockObject
	var initial *slack.OptionBlockObject
	for _, o := range i.Options {
		option := slack.NewOptionBlockObject(o.Value, plain(cut(o.Text, maxOption)), nil)
		options = append(options, option)
		if o.Value == i.Initial {
			initial = option
		}
	}
	switch i.Type {
	case card.Choice:
		e := slack.NewRadioButtonsBlockElement(i.ID, options...)
		e.InitialOption = initial
		return e
	case card.Select:
		e := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, i.ID, options...)
		e.InitialOption = initial
		return e
	case card.Box:
		return slack.NewCheckboxGroupsBlockElement(i.ID, options...)
	case card.Files:
		return slack.NewFileInputBlockElement(i.ID).WithMaxFiles(i.Longest)
	case card.Person:
		e := slack.NewOptionsSelectBlockElement(slack.OptTypeUser, nil, i.ID)
		e.InitialUser = i.Initial
		return e
	default:
		e := slack.NewPlainTextInputBlockElement(nil, i.ID)
		e.Multiline = i.Type == card.Area
		e.MaxLength = i.Longest
		e.InitialValue = i.Initial
		return e
	}
}
