package strictslack

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"guichet/internal/slackrules"
)

// What a person is told when guichet does not acknowledge.
const (
	noTrouble = "We had some trouble connecting. Try again?"
	failed    = " failed with the error "
)

// command delivers a slash command, once.
func (s *Server) command(e upstreamEnvelope) {
	p := maps.Clone(e.Payload)
	if text(p, "command") == mintCommand {
		s.socket.ack(e.ID, nil)
		s.minted(p)
		return
	}
	user, channel, command := text(p, "user_id"), text(p, "channel_id"), text(p, "command")
	c, _ := s.conversation(s.ctx, channel)
	p["channel_name"] = c.shown()
	if p["text"] = entities.Replace(text(e.Payload, "text")); slices.Contains(s.o.spoken, command) {
		p["text"] = s.escape(text(e.Payload, "text"))
	}
	p["trigger_id"] = s.newTrigger(text(p, "trigger_id"), user)
	p["response_url"] = s.responses.add(s, text(p, "response_url"), c.ID)
	o, d := s.attempt(envelope{kind: "slash_commands", payload: p, what: command, channel: channel, user: user})()
	if !o.acked {
		s.book.giveUp(d)
		why := "dispatch_failed"
		if o.verdict == "timeout" {
			why = "operation_timeout"
		}
		s.socket.ack(e.ID, obj{"response_type": "ephemeral", "text": command + failed + `"` + why + `"`})
		return
	}
	s.socket.ack(e.ID, s.said(o.answer))
}

// said is the message that came with the acknowledgement of a command, nil if none did.
func (s *Server) said(answer json.RawMessage) any {
	var m obj
	if json.Unmarshal(answer, &m) != nil || m["text"] == nil && m["blocks"] == nil {
		return nil
	}
	if err := codeOf(slackrules.Message(m)); err != nil {
		s.blameAck(err)
		return nil
	}
	if m["response_type"] == nil {
		m["response_type"] = "ephemeral"
	}
	return m
}

func (s *Server) blameAck(err error) {
	if no := (*refusal)(nil); errors.As(err, &no) {
		s.book.refuse("ack", no.code, no.messages...)
	}
}

// interaction delivers a press or a form.
func (s *Server) interaction(e upstreamEnvelope) {
	p := maps.Clone(e.Payload)
	user, kind := text(p, "user", "id"), text(p, "type")
	p["enterprise"] = nil
	if id := text(p, "trigger_id"); id != "" {
		p["trigger_id"] = s.newTrigger(id, user)
	}
	switch kind {
	case "block_actions":
		s.shapePress(p, user)
	case "view_submission", "view_closed":
		s.shapeForm(p)
	}
	o := s.offer(envelope{kind: "interactive", payload: p, what: kind, channel: text(p, "channel", "id"), user: user})
	if kind != "view_submission" {
		s.socket.ack(e.ID, nil) // what comes with it means nothing
		return
	}
	if o.acked {
		err := s.respond(e, o.answer)
		if err == nil {
			return
		}
		s.blameAck(err)
	}
	// Slack keeps the form open, with a word about it. Told nothing, local-slack would close it.
	s.socket.ack(e.ID, obj{"response_action": "errors", "errors": obj{firstInput(e.Payload): noTrouble}})
}

// offer makes an interaction's one attempt, as often as SetCopies says, and returns the first answer.
func (s *Server) offer(e envelope) (o outcome) {
	s.book.send(e)
	copies := s.queue.begin()
	answers := make(chan outcome, copies)
	for range copies {
		wait := s.attempt(e)
		s.spawn(func() {
			defer s.queue.done()
			o, d := wait()
			if !o.acked {
				s.book.giveUp(d)
			}
			answers <- o
		})
	}
	for range copies {
		select {
		case o = <-answers:
		case <-s.ctx.Done():
			return outcome{verdict: ended}
		}
		if o.acked {
			return o
		}
	}
	return o
}

// anew is an interaction that is sent again: the trigger_id that came with it may be used up.
func (s *Server) anew(e envelope) envelope {
	s.triggers.mu.Lock()
	t := s.triggers.byID[text(e.payload, "trigger_id")]
	s.triggers.mu.Unlock()
	if t != nil {
		e.payload = maps.Clone(e.payload)
		e.payload["trigger_id"] = s.newTrigger(t.upstream, t.user)
	}
	return e
}

func firstInput(payload obj) string {
	v, _ := payload["view"].(obj)
	blocks, _ := v["blocks"].([]any)
	for _, b := range blocks {
		if b, _ := b.(obj); b["type"] == "input" {
			return text(b, "block_id")
		}
	}
	return "form"
}

// shapeForm makes a form that was sent look like Slack's.
func (s *Server) shapeForm(p obj) {
	raw, _ := p["view"].(obj)
	blocks, _ := raw["blocks"].([]any)
	filled, _ := raw["state"].(obj)
	given, _ := filled["values"].(obj)
	v := s.viewOf(text(raw, "id"))
	if v == nil {
		v = &view{id: text(raw, "id"), root: text(raw, "id"), hash: text(raw, "hash")}
	}
	shown := s.shownAs(v, raw)
	shown["state"] = obj{"values": values(blocks, given)}
	p["view"] = shown
}

// viewOf finds a view by local-slack's id, nil if we did not open it.
func (s *Server) viewOf(upstream string) *view {
	s.views.mu.Lock()
	defer s.views.mu.Unlock()
	for _, v := range s.views.all() {
		if v.upstream == upstream {
			found := *v
			return &found
		}
	}
	return nil
}

// shapePress makes a press of a button, or a choice, look like Slack's.
func (s *Server) shapePress(p obj, user string) {
	actions, _ := p["actions"].([]any)
	for i, a := range actions {
		if a, ok := a.(obj); ok {
			a = maps.Clone(a)
			a["action_ts"] = newTS()
			maps.DeleteFunc(a, func(_ string, v any) bool { return v == nil })
			actions[i] = a
		}
	}
	if text(p, "channel", "id") == "" {
		s.shapeInView(p, user, actions)
		return
	}
	c, _ := s.conversation(s.ctx, text(p, "channel", "id"))
	p["channel"] = obj{"id": c.ID, "name": c.shown()}
	p["response_url"] = s.responses.add(s, text(p, "response_url"), c.ID)
	m, _ := p["message"].(obj)
	container := obj{"type": "message", "message_ts": m["ts"], "channel_id": c.ID, "is_ephemeral": false}
	if root := text(m, "thread_ts"); root != "" {
		container["thread_ts"] = root
	}
	blocks, _ := m["blocks"].([]any)
	p["state"] = obj{"values": values(blocks, chosen(actions))}
	p["container"] = container
	if text(m, "ephemeral_to") != "" {
		container["is_ephemeral"] = true
		delete(p, "message") // Slack does not keep it, either
		return
	}
	if m != nil {
		m = s.polish(m)
		delete(m, "channel")
		p["message"] = m
	}
}

// shapeInView is for what is pressed in a form or on the home tab, of which local-slack says only
// that it is in no message.
func (s *Server) shapeInView(p obj, user string, actions []any) {
	for _, name := range []string{"channel", "message", "response_url", "state"} {
		delete(p, name)
	}
	s.views.mu.Lock()
	s.catchUp()
	v := s.views.homes[user]
	if n := len(s.views.stack); n > 0 {
		v = s.views.stack[n-1]
	}
	s.views.mu.Unlock()
	if v == nil {
		return
	}
	app := s.up.Config.App
	shown := s.shownAs(v, v.raw)
	shown["team_id"], shown["app_id"] = s.up.Config.Workspace.TeamID, app.AppID
	shown["bot_id"] = "B" + app.BotUserID[1:]
	blocks, _ := v.raw["blocks"].([]any)
	shown["state"] = obj{"values": values(blocks, chosen(actions))}
	p["view"] = shown
	p["container"] = obj{"type": "view", "view_id": v.id}
}

// chosen are the values that some actions set.
func chosen(actions []any) obj {
	filled := obj{}
	for _, a := range actions {
		a, _ := a.(obj)
		filled[text(a, "block_id")] = obj{text(a, "action_id"): a}
	}
	return filled
}
