package strictslack

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// maxArguments is what one call may hold: Slack's largest is a view of 250 kB, escaped in a form.
const maxArguments = 1 << 20

// request is one call of the Web API.
type request struct {
	method string
	args   obj
	json   bool
}

func (q *request) str(name string) string {
	switch v := q.args[name].(type) {
	case string:
		return v
	case nil:
		return ""
	default:
		return fmt.Sprint(v)
	}
}

func (q *request) channel() string { return cmp.Or(q.str("channel"), q.str("channel_id")) }

// flag reads an argument that is true or false in one of the ways to say so.
func (q *request) flag(name string) bool {
	return slices.Contains([]string{"1", "true", "t"}, strings.ToLower(q.str(name)))
}

// refusal is Slack's "ok": false.
type refusal struct {
	code     string
	messages []string
	extra    obj
}

// Error implements error.
func (r *refusal) Error() string { return r.code }

func refuse(format string, args ...any) error { return &refusal{code: fmt.Sprintf(format, args...)} }

// answer is what a call is answered with.
type answer struct {
	status int
	header http.Header
	body   obj
	plain  string // instead, of a response_url
	code   string // for the log
}

// serveAPI answers one call.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request, method string) {
	q := &request{method: method}
	token, bad := q.read(r)
	s.attend(w, r, q, func(ctx context.Context) answer { return s.answer(ctx, q, token, bad) })
}

// attend has a call carried out, unless a fault befalls it, and notes it.
func (s *Server) attend(w http.ResponseWriter, r *http.Request, q *request, carryOut func(context.Context) answer) {
	call := Call{At: time.Now(), Method: q.method, Channel: q.channel(), Args: maps.Clone(q.args)}
	call.TooSoon = s.calledAt.tooSoon(q.method, call.Channel, call.At)
	note := func(verdict string) {
		call.Verdict, call.Took = verdict, time.Since(call.At)
		s.book.call(call)
	}
	fault := s.faults.take(q.method, call.Channel)
	if fault != nil && fault.Kind == RateLimited {
		s.calledAt.wait(q.method, call.Channel, retryAfter(fault.RetryAfter))
	}
	if fault != nil && fault.Kind == Hold && !s.hold(r, fault) {
		note(fault.verdict() + ", lost")
		hangUp(w, "")
		return
	}
	if fault != nil && !fault.AfterDone && fault.Kind != Slow && fault.Kind != Hold {
		note(fault.verdict())
		s.fail(w, r, fault, answer{body: obj{"ok": true}})
		return
	}
	// What Slack has begun it finishes, even if the caller hangs up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), carriedOutIn)
	defer cancel()
	a := carryOut(ctx)
	if fault == nil {
		note(a.code)
		s.write(w, a)
		return
	}
	note(fault.verdict() + " after " + a.code)
	s.fail(w, r, fault, a)
}

// carriedOutIn bounds what local-slack takes for one call.
const carriedOutIn = 20 * time.Second

// answer does what a call asks for, or says why not.
func (s *Server) answer(ctx context.Context, q *request, token string, bad error) answer {
	var body obj
	m, err := s.permit(q, token, bad)
	if err == nil {
		if wait := s.limit(q, m); wait > 0 {
			return s.limited(q, wait)
		}
		if body, err = m.handle(s, ctx, q); err == nil {
			body["ok"] = true
			return answer{body: body, code: "ok"}
		}
	}
	no := (*refusal)(nil)
	if !errors.As(err, &no) {
		return answer{status: http.StatusInternalServerError, body: obj{"ok": false, "error": "internal_error"},
			code: "local-slack: " + err.Error()}
	}
	s.blame(q.method, no)
	body = obj{"ok": false, "error": no.code}
	maps.Copy(body, no.extra)
	if len(no.messages) > 0 {
		body["response_metadata"] = obj{"messages": no.messages}
	}
	return answer{body: body, code: no.code}
}

// permit checks all that does not depend on the method's own arguments.
func (s *Server) permit(q *request, token string, bad error) (method, error) {
	m, ok := methods[q.method]
	if !ok {
		return m, refuse("unknown_method")
	}
	if bad != nil {
		return m, bad
	}
	if _, err := s.auth.check(s, q.method, token); err != nil {
		return m, err
	}
	if missing := s.missing(m.scopes); missing != "" {
		return m, &refusal{code: "missing_scope", extra: obj{"needed": missing, "provided": strings.Join(s.o.scopes, ",")}}
	}
	return m, nil
}

// missing names a scope that the app needs and was not granted. Alternatives are separated by "|".
func (s *Server) missing(scopes []string) string {
	if s.o.scopes == nil {
		return ""
	}
	for _, one := range scopes {
		if !slices.ContainsFunc(strings.Split(one, "|"), func(a string) bool { return slices.Contains(s.o.scopes, a) }) {
			return strings.ReplaceAll(one, "|", ",")
		}
	}
	return ""
}

// ours are the codes that a correct program never sees.
var ours = strings.Fields(`unknown_method invalid_json json_not_object invalid_form_data invalid_post_type
	not_allowed_token_type missing_scope invalid_arguments invalid_blocks invalid_blocks_format invalid_attachments
	msg_too_long msg_blocks_too_long no_text markdown_text_conflict invalid_metadata_format metadata_too_large
	invalid_trigger_id exchanged_trigger_id expired_trigger_id push_limit_reached view_too_large duplicate_external_id
	invalid_cursor invalid_limit invalid_ts_oldest invalid_ts_latest users_list_not_supplied too_many_attachments
	bad_timestamp no_item_specified cant_update_message cant_delete_message`)

func (s *Server) blame(method string, r *refusal) {
	if slices.Contains(ours, r.code) {
		s.book.refuse(method, r.code, r.messages...)
	}
}

func (s *Server) write(w http.ResponseWriter, a answer) {
	maps.Copy(w.Header(), a.header)
	a.status = cmp.Or(a.status, http.StatusOK)
	if a.plain != "" {
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, a.plain)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Slack-Req-Id", random(16))
	if s.o.scopes != nil {
		w.Header().Set("X-OAuth-Scopes", strings.Join(s.o.scopes, ","))
	}
	w.WriteHeader(a.status)
	_ = json.NewEncoder(w).Encode(a.body)
}

// read takes the arguments and the token out of a request. It says what is wrong with their form.
func (q *request) read(r *http.Request) (token string, bad error) {
	q.args = obj{}
	fill := func(values url.Values) {
		for name, v := range values {
			q.args[name] = v[0]
		}
	}
	fill(r.URL.Query())
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxArguments))
	if err != nil {
		return "", refuse("invalid_form_data")
	}
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case len(body) == 0:
	case err != nil:
		return "", refuse("invalid_post_type")
	case kind == "application/json":
		// Slack takes a token in JSON for none.
		q.json = true
		bad = q.readJSON(body)
		delete(q.args, "token")
	case kind == "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return "", refuse("invalid_form_data")
		}
		fill(values)
	case kind == "multipart/form-data":
		values, err := readMultipart(body, parameters["boundary"])
		if err != nil {
			return "", refuse("invalid_form_data")
		}
		fill(values)
	default:
		return "", refuse("invalid_post_type")
	}
	token = cmp.Or(bearer(r), q.str("token"))
	delete(q.args, "token")
	if bad == nil {
		bad = q.unpack()
	}
	return token, bad
}

func (q *request) readJSON(body []byte) error {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return refuse("invalid_json")
	}
	m, ok := v.(obj)
	if !ok {
		return refuse("json_not_object")
	}
	maps.Copy(q.args, m)
	return nil
}

// packed are the arguments that are JSON, in a form as a text, with what Slack says if they are not.
var packed = map[string]string{"blocks": "invalid_blocks_format", "attachments": "invalid_attachments",
	"metadata": "invalid_metadata_format", "view": "invalid_arguments", "files": "invalid_arguments"}

func (q *request) unpack() error {
	for name, code := range packed {
		if s, ok := q.args[name].(string); ok {
			var v any
			if err := json.Unmarshal([]byte(s), &v); err != nil {
				return &refusal{code: code, messages: []string{name + ": not JSON"}}
			}
			q.args[name] = v
		}
	}
	return nil
}

// auth is whom Slack believes.
type auth struct {
	mu      sync.Mutex
	revoked string
}

// Revoke has every call refused with this code, such as "token_revoked" or "account_inactive".
// An empty code gives the tokens back.
func (s *Server) Revoke(code string) {
	s.auth.mu.Lock()
	defer s.auth.mu.Unlock()
	s.auth.revoked = code
}

// check says whether a token may be used for a method; app says that it is the app's, not the bot's.
func (a *auth) check(s *Server, method, token string) (app bool, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	keys := s.up.Config.App
	app = token == keys.AppToken
	switch {
	case token == "":
		return app, refuse("not_authed")
	case token != keys.BotToken && !app:
		return app, refuse("invalid_auth")
	case a.revoked != "":
		return app, refuse("%s", a.revoked)
	case app != (method == "apps.connections.open") && method != "auth.test":
		return app, refuse("not_allowed_token_type")
	}
	return app, nil
}

// limited is the answer to who calls too often.
func (s *Server) limited(q *request, wait time.Duration) answer {
	seconds := retryAfter(wait)
	s.calledAt.wait(q.method, q.channel(), seconds)
	return answer{status: http.StatusTooManyRequests, header: http.Header{"Retry-After": {strconv.Itoa(seconds)}},
		body: obj{"ok": false, "error": "ratelimited"}, code: "ratelimited"}
}
