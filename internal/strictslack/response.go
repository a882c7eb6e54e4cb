package strictslack

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"guichet/internal/slackrules"
)

// maxUses is how often a response_url may be used.
const maxUses = 5

// responses are the addresses at which guichet may answer what a person did.
type responses struct {
	mu   sync.Mutex
	byID map[string]*responseURL
}

type responseURL struct {
	path    string // local-slack's
	channel string
	at      time.Time
	uses    int
}

// add makes an address in the place of local-slack's.
func (r *responses) add(s *Server, upstream, channel string) string {
	path := strings.TrimPrefix(upstream, s.URL)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byID == nil {
		r.byID = map[string]*responseURL{}
	}
	now := time.Now()
	maps.DeleteFunc(r.byID, func(_ string, u *responseURL) bool { return now.Sub(u.at) > 2*s.o.clock.Response })
	id := s.up.Config.Workspace.TeamID + "-" + random(24)
	r.byID[id] = &responseURL{path: path, channel: channel, at: now}
	return s.URL + "/response/" + id
}

// use counts a use, or says why it may not be.
func (r *responses) use(id string, life time.Duration) (responseURL, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	u := r.byID[id]
	switch {
	case u == nil, time.Since(u.at) > life:
		return responseURL{}, refuse("expired_url")
	case u.uses >= maxUses:
		return *u, refuse("used_url")
	}
	u.uses++
	return *u, nil
}

// serveResponse answers a message to a response_url. In the logs it is the method "response".
func (s *Server) serveResponse(w http.ResponseWriter, r *http.Request, id string) {
	q := &request{method: "response", args: obj{}}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxArguments))
	err = cmp.Or(err, json.Unmarshal(body, &q.args))
	if q.args == nil {
		q.args = obj{}
	}
	q.args["channel"] = s.responses.channel(id)
	s.attend(w, r, q, func(ctx context.Context) answer {
		status, said := s.reply(ctx, id, q, err)
		return answer{status: status, plain: said, code: said}
	})
}

// channel is where a response_url leads.
func (r *responses) channel(id string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if u := r.byID[id]; u != nil {
		return u.channel
	}
	return ""
}

// reply puts a message where the response_url says.
func (s *Server) reply(ctx context.Context, id string, q *request, readErr error) (status int, said string) {
	no := func(status int, code string, detail ...string) (int, string) {
		s.book.refuse(q.method, code, detail...)
		return status, code
	}
	u, err := s.responses.use(id, s.o.clock.Response)
	if err != nil {
		return no(http.StatusNotFound, err.Error())
	}
	if readErr != nil {
		return no(http.StatusBadRequest, "invalid_payload")
	}
	if q.args["delete_original"] != true {
		if err := codeOf(slackrules.Message(q.args)); err != nil {
			return no(http.StatusBadRequest, err.Error(), err.(*refusal).messages...)
		}
	}
	message := maps.Clone(q.args)
	message["blocks"] = withIDs(message["blocks"])
	if message["response_type"] == nil {
		message["response_type"] = "ephemeral"
	}
	body, err := json.Marshal(message)
	if err != nil {
		return http.StatusInternalServerError, err.Error()
	}
	if _, err := s.fetch(ctx, http.MethodPost, u.path, body); err != nil {
		return http.StatusInternalServerError, "local-slack: " + err.Error()
	}
	return http.StatusOK, "ok"
}
