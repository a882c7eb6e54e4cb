package slack

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackutilsx"

	"guichet/bot/card"
)

// Slack's limits on what we send, in characters (Unicode code points).
const (
	maxHeader   = 150
	maxSection  = 3000
	maxField    = 2000
	maxFields   = 10
	maxFallback = 39_000
)

// blocks renders a card. What people wrote is in plain_text objects, where Slack neither formats
// nor links nor mentions; names of fields are ours, in mrkdwn, with their values escaped.
func blocks(c card.Card) []slack.Block {
	var bs []slack.Block
	switch {
	case c.Title == "":
	case len(c.Fields) > 0 && utf8.RuneCountInString(c.Title) <= maxHeader:
		bs = append(bs, slack.NewHeaderBlock(plain(c.Title)))
	default:
		bs = append(bs, slack.NewSectionBlock(mrkdwn("*"+slackutilsx.EscapeMessage(oneLine(c.Title))+"*"), nil, nil))
	}
	for fields := c.Fields; len(fields) > 0; {
		n := min(maxFields, len(fields))
		var some []*slack.TextBlockObject
		for _, f := range fields[:n] {
			some = append(some, mrkdwn("*"+slackutilsx.EscapeMessage(f.Name)+"*\n"+cut(slackutilsx.EscapeMessage(f.Value), maxField-200)))
		}
		bs, fields = append(bs, slack.NewSectionBlock(nil, some, nil)), fields[n:]
	}
	bs = append(bs, sections(c.Body)...)
	bs = append(bs, sections(strings.Join(c.Lines, "\n\n"))...)
	if c.Context != "" {
		bs = append(bs, slack.NewContextBlock("", plain(c.Context)))
	}
	if len(c.Buttons) > 0 {
		var es []slack.BlockElement
		for i, b := range c.Buttons {
			e := slack.NewButtonBlockElement(b.ID, b.Value, plain(b.Text))
			e.Style = slack.Style(b.Style)
			if i > 0 && repeats(c.Buttons[:i], b.ID) {
				e.ActionID += "." + b.Value // Slack wants ids unique within a block
			}
			es = append(es, e)
		}
		bs = append(bs, slack.NewActionBlock("actions", es...))
	}
	return bs
}

func repeats(before []card.Button, id string) bool {
	for _, b := range before {
		if b.ID == id {
			return true
		}
	}
	return false
}

// sections puts a text of any length into plain_text sections, cut at line ends where there are any.
func sections(s string) []slack.Block {
	var bs []slack.Block
	for s = strings.Trim(s, "\n"); s != ""; {
		head := s
		if utf8.RuneCountInString(s) > maxSection {
			head = string([]rune(s)[:maxSection])
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

// fallback is the text of a message: notifications and screen readers get it, so it says the
// whole thing. It is mrkdwn, so it is escaped.
func fallback(c card.Card) string {
	return cut(slackutilsx.EscapeMessage(c.Text()), maxFallback)
}

func plain(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, s, true, false)
}

// mrkdwn is formatted text; verbatim, so that Slack makes no links of names in it.
func mrkdwn(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, s, false, true)
}

// cut shortens s to at most longest characters, without leaving half an entity at the end.
func cut(s string, longest int) string {
	if utf8.RuneCountInString(s) <= longest {
		return s
	}
	s = string([]rune(s)[:longest-1])
	if i := strings.LastIndexByte(s, '&'); i >= len(s)-5 && !strings.Contains(s[i:], ";") {
		s = s[:i]
	}
	return s + "…"
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
	for _, i := range f.Inputs {
		var hint *slack.TextBlockObject
		if i.Hint != "" {
			hint = plain(i.Hint)
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
		option := slack.NewOptionBlockObject(o.Value, plain(o.Text), nil)
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
	default:
		e := slack.NewPlainTextInputBlockElement(nil, i.ID)
		e.Multiline = i.Type == card.Area
		e.MaxLength = i.Longest
		e.InitialValue = i.Initial
		return e
	}
}
