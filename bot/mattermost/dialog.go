package mattermost

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mattermost/mattermost/server/public/model"

	"guichet/bot"
	"guichet/bot/card"
)

// The server enforces no limits of dialogs; its clients do.
const (
	maxName = 24  // bytes, of a title or a label
	maxHelp = 150 // bytes too, of a hint
	maxText = 150
	maxArea = 3000
)

// dialog is a step of a form, for whoever made a request. There is no field for files: people drop them into the
// thread.
func (d *Door) dialog(f card.Form, r bot.Request) (model.Dialog, error) {
	sealed, err := d.sealed(state{Form: f.ID, Hidden: f.Hidden, Person: r.From.ID, Channel: r.Place.Channel, Direct: r.Direct})
	if err != nil {
		return model.Dialog{}, err
	}
	dialog := model.Dialog{CallbackId: f.ID, Title: cutBytes(f.Title, maxName), SubmitLabel: cutBytes(f.Submit, maxName), State: sealed}
	for _, line := range f.Intro {
		dialog.IntroductionText += literal(line) + "\n\n"
	}
	for _, l := range f.Links {
		dialog.IntroductionText += linked(l) + "\n\n"
	}
	for _, i := range f.Inputs {
		for _, l := range i.Links {
			dialog.IntroductionText += linked(l) + "\n\n"
		}
		if i.Type == card.Files {
			continue
		}
		e := element(i)
		if len(e.HelpText) > maxHelp { // there is room for it above
			dialog.IntroductionText += literal(i.Label+"\n"+i.Hint) + "\n\n"
			e.HelpText = ""
		}
		dialog.Elements = append(dialog.Elements, e)
	}
	return dialog, nil
}

func element(i card.Input) model.DialogElement {
	e := model.DialogElement{DisplayName: cutBytes(i.Label, maxName), Name: i.ID, Optional: i.Optional, Default: i.Initial, HelpText: i.Hint}
	if e.DisplayName != i.Label {
		e.HelpText = strings.TrimSpace(i.Label + "\n" + i.Hint)
	}
	for _, o := range i.Options {
		e.Options = append(e.Options, &model.PostActionOptions{Text: o.Text, Value: o.Value})
	}
	switch i.Type {
	case card.Choice:
		e.Type = "radio"
	case card.Select:
		e.Type = "select"
	case card.Person:
		e.Type, e.DataSource = "select", model.PostActionDataSourceUsers
	case card.Box:
		e.Type, e.Placeholder, e.Options = "bool", cutBytes(i.Options[0].Text, maxHelp), nil
	case card.Area:
		e.Type, e.MaxLength = "textarea", min(i.Longest, maxArea)
	default:
		e.Type, e.MaxLength = "text", min(i.Longest, maxText)
		if i.Longest > maxText {
			e.Type, e.MaxLength = "textarea", min(i.Longest, maxArea)
		}
	}
	return e
}

// cutBytes shortens s to so many bytes, without half a character.
func cutBytes(s string, longest int) string {
	if len(s) <= longest {
		return s
	}
	s = s[:longest-len("…")]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "…"
}

// valueOf is what stands in a field of a dialog that was sent.
func valueOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return clean(v)
	case bool: // of a box
		if v {
			return card.Ticked
		}
		return ""
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return clean(fmt.Sprint(v))
	}
}
