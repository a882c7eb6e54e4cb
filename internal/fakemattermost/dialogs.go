package fakemattermost

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// openDialog opens a dialog for whoever caused a trigger, within 3 seconds of it.
func (s *Server) openDialog(r *http.Request) (any, error) {
	var d struct {
		Trigger string `json:"trigger_id"`
		Dialog
	}
	if json.NewDecoder(r.Body).Decode(&d) != nil {
		return nil, refuse(400, "api.context.invalid_body_param.app_error", "Invalid dialog.")
	}
	t, ok := s.triggers[d.Trigger]
	switch {
	case !ok:
		return nil, refuse(400, "interactive_message.decode_trigger_id.signature_failed", "Trigger ID failed to verify.")
	case time.Since(t.at) > triggerFor:
		return nil, refuse(400, "interactive_message.decode_trigger_id.expired", "Trigger ID for interactive dialog is expired. Trigger IDs live for a maximum of 3 seconds.")
	}
	if what := d.unfit(); what != "" {
		return nil, refuse(400, "app.dialog.invalid", "Clients show no such dialog: "+what) // the server does not look, guichet must
	}
	d.Channel = t.channel
	s.dialogs[t.person] = append(s.dialogs[t.person], d.Dialog)
	return map[string]string{"status": "OK"}, nil
}

// unfit is what of a dialog clients do not show, or newer servers call invalid; empty: nothing. Lengths are in bytes.
func (d *Dialog) unfit() string {
	known := map[string]bool{}
	switch {
	case len(d.Dialog.Elements) == 0 || len(d.Dialog.Elements) > 5:
		return fmt.Sprintf("it has %d fields", len(d.Dialog.Elements))
	case d.Dialog.Title == "" || len(d.Dialog.Title) > 24 || d.Dialog.SubmitLabel == "" || len(d.Dialog.SubmitLabel) > 24:
		return fmt.Sprintf("%q, %q", d.Dialog.Title, d.Dialog.SubmitLabel)
	}
	for _, e := range d.Dialog.Elements {
		longest, chosen := map[string]int{"text": 150, "textarea": 3000, "select": 3000, "radio": 3000, "bool": 5}[e.Type], e.Default == "" || e.DataSource != ""
		for _, o := range e.Options {
			chosen = chosen || o.Value == e.Default
			if o.Text == "" || o.Value == "" || known[e.Name+" "+o.Value] {
				return "an option of " + e.Name
			}
			known[e.Name+" "+o.Value] = true
		}
		switch offers := len(e.Options) > 0 || e.DataSource == "users"; {
		case e.DisplayName == "" || len(e.DisplayName) > 24, e.Name == "" || len(e.Name) > 300 || known[e.Name], len(e.HelpText) > 150, len(e.Placeholder) > 150:
			return fmt.Sprintf("%+v", e)
		case longest == 0 || e.MaxLength > longest || len([]rune(e.Default)) > longest || (e.Type == "select" || e.Type == "radio") && !(offers && chosen):
			return fmt.Sprintf("%+v", e)
		}
		known[e.Name] = true
	}
	return ""
}

// Dialog is the last that was opened for somebody.
func (s *Server) Dialog(user string) (Dialog, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.dialogs[user]
	if len(all) == 0 {
		return Dialog{}, false
	}
	return all[len(all)-1], true
}

// Dialogs is how many were opened for somebody.
func (s *Server) Dialogs(user string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.dialogs[user])
}

// Submission is what a dialog sends.
func (s *Server) Submission(user string, d Dialog, values map[string]any) map[string]any {
	return map[string]any{"type": "dialog_submission", "callback_id": d.Dialog.CallbackID, "state": d.Dialog.State, "user_id": user,
		"channel_id": d.Channel, "team_id": s.Team, "submission": values, "cancelled": false}
}

// Send has somebody send a dialog. What is wrong with it comes back: at its fields, or "" for the whole.
func (s *Server) Send(user string, d Dialog, values map[string]any) (wrong map[string]string, err error) {
	filled := map[string]any{}
	for _, e := range d.Dialog.Elements {
		filled[e.Name] = nil
		if e.Default != "" {
			filled[e.Name] = e.Default
		}
	}
	for k, v := range values {
		if _, ok := filled[k]; !ok {
			return nil, errors.New("the form has no field " + k)
		}
		filled[k] = v
	}
	return s.SendAs(d.URL, s.Submission(user, d, filled))
}

// SendAs sends a submission as it stands.
func (s *Server) SendAs(address string, submission map[string]any) (wrong map[string]string, err error) {
	b, err := json.Marshal(submission)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	got, err := s.call(req)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Error  string            `json:"error"`
		Errors map[string]string `json:"errors"`
	}
	_ = json.Unmarshal(got, &answer) // what is no JSON counts as success
	if answer.Error != "" {
		return map[string]string{"": answer.Error}, nil
	}
	return answer.Errors, nil
}
