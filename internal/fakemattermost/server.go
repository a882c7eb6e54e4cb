package fakemattermost

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// Server is a running Mattermost.
type Server struct {
	*httptest.Server
	world
	lines  lines
	faults faults
	down   atomic.Bool
	slow   atomic.Int64 // a time.Duration
	client *http.Client
	Team   string // the team's id
	Bot    string // the bot's user id
	Token  string // the bot's
	Admin  string // an admin's token, for commands
}

// Start starts a server with a team and a bot in it.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{Team: ID(), Bot: ID(), Token: ID(), Admin: ID(), client: &http.Client{Timeout: 30 * time.Second}}
	s.world = world{team: s.Team, teamName: "acme", users: map[string]*User{}, members: map[string]bool{}, tokens: map[string]string{},
		admins: map[string]bool{}, channels: map[string]*Channel{}, posts: map[string]*Post{}, pending: map[string]pending{}, files: map[string]*File{},
		triggers: map[string]trigger{}, dialogs: map[string][]Dialog{}, private: map[string]*Post{}}
	s.AddUser(User{ID: s.Bot, Name: "helpdesk", Locale: "en", Bot: true})
	admin := s.AddUser(User{Name: "admin", Locale: "en"})
	s.tokens[s.Token], s.tokens[s.Admin], s.admins[admin] = s.Bot, admin, true
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(func() {
		s.lines.restart()
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

// AddUser adds somebody to the team and returns their id.
func (s *Server) AddUser(u User) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u.ID == "" {
		u.ID = ID()
	}
	s.users[u.ID], s.members[u.ID] = &u, true
	return u.ID
}

// Leave takes somebody out of the team.
func (s *Server) Leave(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.members, user)
}

// AddChannel makes a channel, P (private) or O (open), with these people in it.
func (s *Server) AddChannel(name, kind string, members ...string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &Channel{ID: ID(), Name: name, Type: kind, Team: s.Team, Members: members}
	s.channels[c.ID] = c
	return c.ID
}

// SetDown has the server refuse everything, or no more.
func (s *Server) SetDown(down bool) {
	s.down.Store(down)
	if down {
		s.lines.cut()
	}
}

// Slow has clients wait so long for the word that what they asked for is done.
func (s *Server) Slow(by time.Duration) { s.slow.Store(int64(by)) }

// Break cuts the connections of its clients, who may go on where they were.
func (s *Server) Break() { s.lines.cut() }

// Restart cuts the connections and forgets where they were.
func (s *Server) Restart() { s.lines.restart() }

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if s.down.Load() {
		panic(http.ErrAbortHandler)
	}
	path, ok := strings.CutPrefix(r.URL.Path, "/api/v4")
	if !ok {
		http.NotFound(w, r)
		return
	}
	_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ") // "Bearer" or "BEARER"
	if path == "/websocket" {                                      // a bad token may connect, and is cut off then
		s.socket(w, r, token)
		return
	}
	fault := s.faults.take(r.Method, path)
	if fault != nil && !fault.AfterDone {
		fault.answer(w)
		return
	}
	s.mu.Lock()
	user, known := s.tokens[token]
	s.mu.Unlock()
	var answer any
	var err error = refuse(http.StatusUnauthorized, "api.context.session_expired.app_error", "Invalid or expired session, please login again.")
	if known || path == "/actions/dialogs/open" { // which needs no authentication
		answer, err = s.route(r, user, path)
	}
	if fault != nil {
		fault.answer(w)
		return
	}
	if r.Method != http.MethodGet {
		time.Sleep(time.Duration(s.slow.Load()))
	}
	reply(w, answer, err)
}

// created is an answer with status 201.
type created struct{ any }

// raw is an answer that is no JSON.
type raw struct {
	kind string
	data []byte
}

func reply(w http.ResponseWriter, answer any, err error) {
	status := http.StatusOK
	var refused refusal
	switch a := answer.(type) {
	case raw:
		w.Header().Set("Content-Type", a.kind)
		_, _ = w.Write(a.data)
		return
	case created:
		status, answer = http.StatusCreated, a.any
	}
	if errors.As(err, &refused) {
		status, answer = refused.Status, refused
	} else if err != nil {
		panic(err)
	}
	b, err := json.Marshal(answer)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(b)
}
