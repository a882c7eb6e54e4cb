package slack

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"guichet/bot"
	"guichet/bot/card"
	"guichet/store"
)

// incoming is one payload of Slack, decoded: a request for the bot, and what is needed to answer.
type incoming struct {
	request     bot.Request
	trigger     string // opens a form; lives 3 seconds
	responseURL string // takes a private answer; a secret
	thread      string // the thread in which the person is, for a private answer
	modal       string // id of the view on which something was pressed, if that is no home view
	alone       bool   // what was pressed was on a message for that person alone
	firstField  string // of the form that was sent: where a problem of the whole form is shown
}

// errIgnored is returned for what Slack sends and guichet has no use for.
var errIgnored = errors.New("slack: nothing to do")

// The structs below hold only the fields that are used: a full decode costs four times as much.

type commandPayload struct {
	TeamID      string `json:"team_id"`
	UserID      string `json:"user_id"`
	UserName    string `json:"user_name"`
	ChannelID   string `json:"channel_id"`
	Command     string `json:"command"`
	Text        string `json:"text"`
	TriggerID   string `json:"trigger_id"`
	ResponseURL string `json:"response_url"`
}

type interactivePayload struct {
	Type string `json:"type"`
	Team struct {
		ID string `json:"id"`
	} `json:"team"`
	User struct {
		ID       string `json:"id"`
		Username string `json:"username"`
		TeamID   string `json:"team_id"`
	} `json:"user"`
	Channel struct {
		ID string `json:"id"`
	} `json:"channel"`
	Message   messagePayload `json:"message"`
	Container struct {       // of an answer for one person alone, which comes without its message
		IsEphemeral bool   `json:"is_ephemeral"`
		MessageTS   string `json:"message_ts"`
		ThreadTS    string `json:"thread_ts"`
	} `json:"container"`
	Actions []struct {
		Type           string   `json:"type"`
		ActionID       string   `json:"action_id"`
		Value          string   `json:"value"`
		SelectedOption struct { // of a menu
			Value string `json:"value"`
		} `json:"selected_option"`
		ActionTS string `json:"action_ts"`
	} `json:"actions"`
	CallbackID string `json:"callback_id"` // of a shortcut
	MessageTS  string `json:"message_ts"`  // on which it was chosen
	View       struct {
		ID              string `json:"id"`
		Type            string `json:"type"`
		CallbackID      string `json:"callback_id"`
		PrivateMetadata string `json:"private_metadata"`
		Blocks          []struct {
			Type    string `json:"type"`
			BlockID string `json:"block_id"`
		} `json:"blocks"`
		State struct {
			Values map[string]map[string]struct {
				Value          string `json:"value"`
				SelectedOption struct {
					Value string `json:"value"`
				} `json:"selected_option"`
				SelectedOptions []struct { // of a box
					Value string `json:"value"`
				} `json:"selected_options"`
				SelectedUser string        `json:"selected_user"`
				Files        []filePayload `json:"files"`
			} `json:"values"`
		} `json:"state"`
	} `json:"view"`
	TriggerID   string `json:"trigger_id"`
	ResponseURL string `json:"response_url"`
}

// decode reads a payload. kind is Slack's name for it in Socket Mode. self is the bot's user id.
func (d *Door) decode(kind string, payload []byte, self string) (in incoming, err error) {
	switch kind {
	case "events_api":
		in, err = decodePayload(payload, func(p eventPayload) (incoming, error) { return d.event(p, self) })
	case "slash_commands":
		in, err = decodePayload(payload, d.command)
	case "interactive":
		in, err = decodePayload(payload, d.interactive)
	default:
		err = errIgnored
	}
	return complete(in, err)
}

// complete refuses what lacks what every payload has.
func complete(in incoming, err error) (incoming, error) {
	if err != nil {
		return incoming{}, err
	}
	if post := in.request.Post; in.request.From.ID == "" || post != nil && (post.Channel == "" || post.External.ID == "") {
		return incoming{}, errors.New("slack: a payload does not say who, or where")
	}
	return in, nil
}

func decodePayload[T any](payload []byte, read func(T) (incoming, error)) (incoming, error) {
	var p T
	if err := json.Unmarshal(payload, &p); err != nil {
		// The decoder's error may quote what people wrote.
		return incoming{}, fmt.Errorf("slack: a payload of %d bytes is not what Slack documents", len(payload))
	}
	return read(p)
}

// ours refuses payloads of other workspaces: a token or a socket serves one.
func (d *Door) ours(team string) error {
	if team != d.Team {
		return fmt.Errorf("slack: a payload for workspace %q came to the door of %q", cut(clean(team), 20), d.Team)
	}
	return nil
}

// home says what the author's team, where the payload names it, means.
func (d *Door) home(team string) bot.Home {
	switch team {
	case "":
		return bot.HomeUnknown
	case d.Team:
		return bot.AtHome
	}
	return bot.Visiting
}

func (d *Door) command(p commandPayload) (incoming, error) {
	if err := d.ours(p.TeamID); err != nil {
		return incoming{}, err
	}
	return incoming{trigger: p.TriggerID, responseURL: p.ResponseURL, request: bot.Request{
		From:    store.Account{Workspace: d.Workspace(), ID: p.UserID},
		Name:    clean(p.UserName),
		Home:    bot.AtHome, // commands are for members alone
		Place:   store.Place{Workspace: d.Workspace(), Channel: p.ChannelID},
		Command: &bot.Typed{Name: strings.TrimPrefix(p.Command, "/"), Args: typed(p.Text), Mentioned: mentioned(p.Text)},
	}}, nil
}

func (d *Door) interactive(p interactivePayload) (incoming, error) {
	if err := d.ours(p.Team.ID); err != nil {
		return incoming{}, err
	}
	message := cmp.Or(p.Message.TS, p.Container.MessageTS)
	in := incoming{trigger: p.TriggerID, responseURL: p.ResponseURL, alone: p.Container.IsEphemeral, thread: cmp.Or(p.Message.ThreadTS, p.Container.ThreadTS), request: bot.Request{
		From:  store.Account{Workspace: d.Workspace(), ID: p.User.ID},
		Name:  clean(p.User.Username),
		Home:  d.home(p.User.TeamID),
		Place: store.Place{Workspace: d.Workspace(), Channel: p.Channel.ID},
	}}
	switch {
	case p.Type == "block_actions" && len(p.Actions) > 0:
		a := p.Actions[0]
		button, _, _ := strings.Cut(a.ActionID, ".")
		value := cmp.Or(a.SelectedOption.Value, a.Value)
		in.request.ID = clean(strings.Join([]string{"press", p.User.ID, p.Channel.ID, message, a.ActionID, value, a.ActionTS}, ":"))
		if button == menuID {
			button, value, _ = strings.Cut(value, menuItem)
		}
		if p.View.Type == "modal" {
			in.modal = p.View.ID
		}
		in.request.Direct = strings.HasPrefix(p.Channel.ID, "D") && !in.alone // nobody else gets messages of ours there
		in.request.Press = &bot.Press{Button: button, Value: clean(value), Message: message, Stays: a.Type == "static_select"}
	case p.Type == "message_action" && p.Channel.ID != "" && message+p.MessageTS != "":
		in.request.Shortcut = &bot.Shortcut{Name: p.CallbackID, Quoted: d.quoted(p.Message, cmp.Or(p.MessageTS, p.Message.TS))}
	case p.Type == "view_submission":
		s := bot.Submission{Form: p.View.CallbackID, Values: map[string]string{}}
		if err := json.Unmarshal([]byte(p.View.PrivateMetadata), &s.Hidden); err != nil {
			s.Hidden = card.Hidden{} // not a form of ours: the bot says that it has expired
		}
		for field, actions := range p.View.State.Values {
			for _, v := range actions {
				s.Files = append(s.Files, messagePayload{Files: v.Files}.files()...)
				if len(v.SelectedOptions) > 0 {
					v.Value = v.SelectedOptions[0].Value
				}
				// Literal in modals: Slack escapes nothing there.
				s.Values[field] = clean(cmp.Or(v.Value, v.SelectedOption.Value, v.SelectedUser))
			}
		}
		for _, b := range p.View.Blocks {
			if b.Type == "input" {
				in.firstField = b.BlockID
				break
			}
		}
		in.request.Submission = &s
	default:
		return incoming{}, errIgnored
	}
	return in, nil
}
