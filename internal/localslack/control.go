package localslack

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// PostMessage writes as a person, in a thread when threadTS is not empty. A
// user id as the channel means that user's direct messages with the bot.
// It returns once the bot has acknowledged the event.
func (s *Server) PostMessage(ctx context.Context, user, channel, text, threadTS string) (ts string, err error) {
	var answer struct{ Message Message }
	err = s.control(ctx, "message", map[string]any{
		"user": user, "channel": channel, "text": text, "thread_ts": threadTS,
	}, &answer)
	return answer.Message.TS, err
}

// Command types a slash command and returns once the bot has acknowledged it.
func (s *Server) Command(ctx context.Context, user, channel, command, text string) error {
	return s.control(ctx, "command", map[string]any{
		"user": user, "channel": channel, "command": command, "text": text,
	}, nil)
}

// Press presses a button of a message.
func (s *Server) Press(ctx context.Context, user, channel, messageTS, blockID, actionID, value string) error {
	return s.Interact(ctx, user, channel, messageTS, Action{
		Type: "button", BlockID: blockID, ActionID: actionID, Value: value,
	})
}

// Action is what a person does to one element outside of a form's submission.
type Action struct {
	Type           string `json:"type"`
	BlockID        string `json:"block_id"`
	ActionID       string `json:"action_id"`
	Value          string `json:"value,omitempty"`
	SelectedOption any    `json:"selected_option,omitempty"`
	SelectedDate   string `json:"selected_date,omitempty"`
}

// Interact does something to an element of a message other than press a button.
func (s *Server) Interact(ctx context.Context, user, channel, messageTS string, action Action) error {
	return s.control(ctx, "interact", map[string]any{
		"user": user, "channel": channel, "messageTs": messageTS, "action": action,
	}, nil)
}

// OpenHome opens the bot's home tab; Page.OpenHome also reads it.
func (s *Server) OpenHome(ctx context.Context, user string) error {
	return s.control(ctx, "open-home", map[string]any{"user": user}, nil)
}

// React adds an emoji to a message, or takes it away.
func (s *Server) React(ctx context.Context, user, channel, ts, name string, present bool) error {
	return s.control(ctx, "reaction", map[string]any{
		"user": user, "channel": channel, "ts": ts, "name": name, "present": present,
	}, nil)
}

// EditMessage changes the text of one's own message.
func (s *Server) EditMessage(ctx context.Context, user, channel, ts, text string) error {
	return s.control(ctx, "edit-message", map[string]any{
		"user": user, "channel": channel, "ts": ts, "text": text,
	}, nil)
}

// DeleteMessage deletes one's own message.
func (s *Server) DeleteMessage(ctx context.Context, user, channel, ts string) error {
	return s.control(ctx, "delete-message", map[string]any{"user": user, "channel": channel, "ts": ts}, nil)
}

// Upload posts a message with one file.
func (s *Server) Upload(ctx context.Context, user, channel, text, threadTS, name string, content []byte) (ts string, err error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for key, value := range map[string]string{"user": user, "channel": channel, "text": text, "thread_ts": threadTS} {
		if err := form.WriteField(key, value); err != nil {
			return "", err
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		return "", err
	}
	if _, err := part.Write(content); err != nil {
		return "", err
	}
	if err := form.Close(); err != nil {
		return "", err
	}
	var answer struct{ Message Message }
	err = s.do(ctx, http.MethodPost, "/_control/upload", form.FormDataContentType(), &body, &answer)
	return answer.Message.TS, err
}

// Messages returns all messages of a channel, oldest first, with the replies
// of its threads and with what only one person is meant to see (EphemeralTo).
func (s *Server) Messages(ctx context.Context, channel string) ([]Message, error) {
	var answer struct{ Messages []Message }
	err := s.do(ctx, http.MethodGet, "/_control/messages/"+url.PathEscape(channel), "", nil, &answer)
	return answer.Messages, err
}

// DM returns the channel of a user's direct messages with the bot, opening it
// if nobody has yet: on Slack it is always there.
func (s *Server) DM(ctx context.Context, user string) (channel string, err error) {
	st, err := s.state(ctx)
	if err != nil {
		return "", err
	}
	for _, c := range st.Channels {
		if c.IM && slices.Contains(c.Members, user) && slices.Contains(c.Members, s.Config.App.BotUserID) {
			return c.ID, nil
		}
	}
	var answer struct{ Channel struct{ ID string } }
	err = s.post(ctx, "/api/conversations.open", map[string]any{
		"token": s.Config.App.BotToken, "users": user,
	}, &answer)
	return answer.Channel.ID, err
}

// LogEntry is one step that local-slack noted.
type LogEntry struct {
	Time      int64           `json:"time"`      // milliseconds since 1970
	Direction string          `json:"direction"` // to_bot, from_bot or internal
	Kind      string          `json:"kind"`      // for example web_api, ack, interactive
	Summary   string          `json:"summary"`   // for example the Web API method's name
	Detail    json.RawMessage `json:"detail"`
}

// Log returns the last 1,000 steps, oldest first.
func (s *Server) Log(ctx context.Context) ([]LogEntry, error) {
	var answer struct{ Log []LogEntry }
	err := s.do(ctx, http.MethodGet, "/_control/log", "", nil, &answer)
	return answer.Log, err
}

// Reset goes back to the workspace of Config, without messages, direct message
// channels, views or files. The bot's connection stays.
func (s *Server) Reset(ctx context.Context) error {
	return s.control(ctx, "reset", map[string]any{}, nil)
}

type state struct {
	Apps     []struct{ Connected bool } // whether their bots are
	Channels []struct {
		ID      string
		IM      bool `json:"is_im"`
		Members []string
	}
}

func (s *Server) state(ctx context.Context) (state, error) {
	var answer state
	err := s.do(ctx, http.MethodGet, "/_control/state", "", nil, &answer)
	return answer, err
}

func (s *Server) control(ctx context.Context, act string, body, answer any) error {
	return s.post(ctx, "/_control/"+act, body, answer)
}

func (s *Server) post(ctx context.Context, path string, body, answer any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return s.do(ctx, http.MethodPost, path, "application/json", bytes.NewReader(text), answer)
}

func (s *Server) do(ctx context.Context, method, path, contentType string, body io.Reader, answer any) error {
	// A bot that never answers must fail its test, not hang it.
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, s.URL+path, body)
	if err != nil {
		return err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	started := time.Now()
	resp, err := s.http.Do(req)
	if err != nil {
		return fmt.Errorf("local-slack %s after %v: %w", path, time.Since(started).Round(time.Millisecond), err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	verdict := struct{ OK *bool }{}
	if method != http.MethodGet { // whose answers have no "ok", and are long
		err = json.Unmarshal(text, &verdict)
	}
	if err != nil || resp.StatusCode != http.StatusOK || verdict.OK != nil && !*verdict.OK {
		return fmt.Errorf("local-slack %s: %s: %s", path, resp.Status, text)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}
