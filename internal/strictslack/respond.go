package strictslack

import (
	"encoding/json"
	"slices"
)

// respond passes the answer to a form on to local-slack, and follows what becomes of the forms.
// It says what in the answer is wrong; local-slack has then been told nothing.
func (s *Server) respond(e upstreamEnvelope, said json.RawMessage) error {
	var answer obj
	if len(said) > 0 && json.Unmarshal(said, &answer) != nil {
		return refuse("ack_not_an_object")
	}
	s.views.mu.Lock()
	defer s.views.mu.Unlock()
	s.catchUp()
	n := len(s.views.stack)
	raw, _ := answer["view"].(obj)
	action := text(answer, "response_action")
	switch action {
	case "", "clear":
	case "errors":
		if err := checkErrors(answer, e.Payload); err != nil {
			return err
		}
	case "update", "push":
		if err := checkView(raw); err != nil {
			return err
		}
		if action == "push" && n >= maxViews {
			return refuse("push_limit_reached")
		}
		raw = named(raw)
		answer = obj{"response_action": action, "view": raw}
	default:
		return refuse("unknown_response_action")
	}
	if known := n > 0 && s.views.stack[n-1].upstream == text(e.Payload, "view", "id"); !known || action == "errors" {
		s.socket.ack(e.ID, answer)
		return nil
	}
	if action == "" && n > 1 {
		// Slack closes the form on top; local-slack would close all. It is shown the one below again.
		s.views.stack = s.views.stack[:n-1]
		action, raw = "update", s.views.stack[n-2].raw
		answer = obj{"response_action": action, "view": raw}
	}
	was := s.shown()
	s.socket.ack(e.ID, answer)
	s.follow(action, raw, was)
	return nil
}

// shown are the forms that local-slack shows.
func (s *Server) shown() []string {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	return slices.Clone(s.feed.stack)
}

// follow notes what an answer to the form on top has changed.
func (s *Server) follow(action string, raw obj, was []string) {
	now, err := s.feed.await(s.ctx, func() bool { return !slices.Equal(s.feed.stack, was) })
	if err != nil || len(now) == 0 {
		s.views.stack = nil
		return
	}
	upstream := now[len(now)-1]
	if action == "push" {
		s.views.stack = append(s.views.stack, s.newView(raw, upstream))
		return
	}
	v := s.views.stack[len(s.views.stack)-1]
	v.upstream, v.raw, v.hash, v.externalID = upstream, raw, newHash(), text(raw, "external_id")
}

// checkErrors wants errors to stand at inputs of the form.
func checkErrors(a, payload obj) error {
	errs, ok := a["errors"].(obj)
	if !ok || len(errs) == 0 {
		return refuse("errors_missing")
	}
	v, _ := payload["view"].(obj)
	blocks, _ := v["blocks"].([]any)
	for id, says := range errs {
		is := slices.ContainsFunc(blocks, func(b any) bool {
			m, _ := b.(obj)
			return m["type"] == "input" && text(m, "block_id") == id
		})
		if s, _ := says.(string); !is || s == "" {
			return &refusal{code: "invalid_errors", messages: []string{"errors: " + id + " is no input of the form, or its error is empty"}}
		}
	}
	return nil
}
