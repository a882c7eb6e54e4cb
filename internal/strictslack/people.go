package strictslack

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
)

// mintCommand is a command by which we get a trigger_id and a response_url from local-slack, which
// hands these out only with something that a person does. guichet never sees it.
const mintCommand = "/strict-slack-mint"

// mints are those who wait for one.
type mints struct {
	mu      sync.Mutex
	waiting map[string]chan obj
}

func newEnvelopeID() string { return uuid.NewString() }

// minted passes on what came with such a command.
func (s *Server) minted(p obj) {
	s.mints.mu.Lock()
	waiter := s.mints.waiting[text(p, "text")]
	delete(s.mints.waiting, text(p, "text"))
	s.mints.mu.Unlock()
	if waiter != nil {
		waiter <- p
	}
}

// mint gets a trigger_id and a response_url for a person.
func (s *Server) mint(ctx context.Context, user, channel string) (trigger, response string, err error) {
	waiter, ticket := make(chan obj, 1), random(16)
	s.mints.mu.Lock()
	if s.mints.waiting == nil {
		s.mints.waiting = map[string]chan obj{}
	}
	s.mints.waiting[ticket] = waiter
	s.mints.mu.Unlock()
	if err := s.up.Command(ctx, user, channel, mintCommand, ticket); err != nil {
		return "", "", err
	}
	select {
	case p := <-waiter:
		return s.newTrigger(text(p, "trigger_id"), user), s.responses.add(s, text(p, "response_url"), channel), nil
	case <-ctx.Done():
		return "", "", ctx.Err()
	case <-time.After(showsIn):
		return "", "", errors.New("local-slack gave out no trigger")
	}
}

// Shortcut has a person choose a global shortcut of the app. It returns an error when guichet does
// not acknowledge that.
func (s *Server) Shortcut(ctx context.Context, user, callbackID string) error {
	trigger, _, err := s.mint(ctx, user, s.up.Config.Channels[0].ID)
	if err != nil {
		return err
	}
	p := s.interactive("shortcut", user)
	p["callback_id"], p["trigger_id"] = callbackID, trigger
	return s.interact(p, user, "")
}

// MessageShortcut has a person choose a shortcut of the app on a message.
func (s *Server) MessageShortcut(ctx context.Context, user, channel, ts, callbackID string) error {
	c, ok := s.conversation(ctx, channel)
	m := s.message(ctx, channel, ts)
	if !ok || m == nil {
		return fmt.Errorf("there is no message %s in %s", ts, channel)
	}
	trigger, response, err := s.mint(ctx, user, channel)
	if err != nil {
		return err
	}
	m = s.polish(m)
	delete(m, "channel")
	p := s.interactive("message_action", user)
	p["callback_id"], p["trigger_id"], p["response_url"] = callbackID, trigger, response
	p["channel"] = obj{"id": c.ID, "name": c.shown()}
	p["message_ts"], p["message"] = ts, m
	return s.interact(p, user, channel)
}

// Command has a person type a command, whose text reaches guichet exactly as it is: a string as of an
// app that has mentions in it sent as tokens ("should_escape"), or JSON for what is no good string. It
// returns an error when guichet does not acknowledge that.
func (s *Server) Command(ctx context.Context, user, channel, command string, typed any) error {
	trigger, response, err := s.mint(ctx, user, channel)
	if err != nil {
		return err
	}
	c, _ := s.conversation(ctx, channel)
	p := obj{"token": "verification-token", "team_id": s.up.Config.Workspace.TeamID, "team_domain": s.up.Config.Workspace.Domain,
		"api_app_id": s.up.Config.App.AppID, "user_id": user, "user_name": s.name(user), "channel_id": channel, "channel_name": c.shown(),
		"command": command, "text": typed, "trigger_id": trigger, "response_url": response}
	return s.once(envelope{kind: "slash_commands", payload: p, what: command, channel: channel, user: user})
}

// interactive is what all interactions have.
func (s *Server) interactive(kind, user string) obj {
	team := obj{"id": s.up.Config.Workspace.TeamID, "domain": s.up.Config.Workspace.Domain}
	name := s.name(user)
	return obj{"type": kind, "token": "verification-token", "team": team, "enterprise": nil, "is_enterprise_install": false,
		"action_ts": newTS(), "user": obj{"id": user, "username": name, "name": name, "team_id": team["id"]}}
}

func (s *Server) name(user string) string {
	for _, u := range s.up.Config.Users {
		if u.ID == user {
			return u.Name
		}
	}
	return user
}

func (s *Server) interact(p obj, user, channel string) error {
	return s.once(envelope{kind: "interactive", payload: p, what: text(p, "type"), channel: channel, user: user})
}

// once delivers something, and says if that was in vain.
func (s *Server) once(e envelope) error {
	o, d := s.attempt(e)()
	if !o.acked {
		s.book.giveUp(d)
		return fmt.Errorf("%s: not acknowledged: %s", d.What, o.verdict)
	}
	return nil
}
