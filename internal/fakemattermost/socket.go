package fakemattermost

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"github.com/gorilla/websocket"
)

// buffered is how many events are kept for a connection that broke.
const buffered = 128

// lines are the connections of clients, kept for a while after they broke.
type lines struct {
	mu  sync.Mutex
	all map[string]*line
}

type line struct {
	id, user string
	conn     *websocket.Conn // nil: it broke
	next     int64           // number of the next event
	kept     [][]byte        // the last events
}

// event is one as it is sent.
type event struct {
	Event     string         `json:"event"`
	Data      map[string]any `json:"data"`
	Broadcast broadcast      `json:"broadcast"`
	Seq       int64          `json:"seq"`
}

type broadcast struct {
	OmitUsers        any    `json:"omit_users"`
	UserID           string `json:"user_id"`
	ChannelID        string `json:"channel_id"`
	TeamID           string `json:"team_id"`
	ConnectionID     string `json:"connection_id"`
	OmitConnectionID string `json:"omit_connection_id"`
}

// socket serves one connection until it breaks.
func (s *Server) socket(w http.ResponseWriter, r *http.Request, token string) {
	conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	s.mu.Lock()
	user, ok := s.tokens[token]
	s.mu.Unlock()
	if !ok {
		return
	}
	l := s.lines.join(conn, user, r.URL.Query().Get("connection_id"), r.URL.Query().Get("sequence_number"))
	for {
		var request struct {
			Action string `json:"action"`
			Seq    int64  `json:"seq"`
		}
		if conn.ReadJSON(&request) != nil {
			break
		}
		s.lines.reply(l, map[string]any{"status": "OK", "seq_reply": request.Seq})
	}
	s.lines.broke(l, conn)
}

// join begins a line, or goes on with one that broke, from an event of it that is still kept.
func (ls *lines) join(conn *websocket.Conn, user, id, from string) *line {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if l := ls.all[id]; l != nil && l.user == user {
		seq, err := strconv.ParseInt(from, 10, 64)
		if first := l.next - int64(len(l.kept)); err == nil && seq >= first && seq <= l.next {
			if l.conn != nil {
				_ = l.conn.Close()
			}
			l.conn = conn
			for _, b := range l.kept[seq-first:] {
				_ = conn.WriteMessage(websocket.TextMessage, b)
			}
			return l
		}
	}
	l := &line{id: ID(), user: user, conn: conn}
	if ls.all == nil {
		ls.all = map[string]*line{}
	}
	ls.all[l.id] = l
	l.send(event{Event: "hello", Data: map[string]any{"connection_id": l.id, "server_version": Version}, Broadcast: broadcast{UserID: user}})
	return l
}

func (l *line) send(e event) {
	e.Seq = l.next
	l.next++
	b, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	if l.kept = append(l.kept, b); len(l.kept) > buffered {
		l.kept = l.kept[1:]
	}
	if l.conn != nil {
		_ = l.conn.WriteMessage(websocket.TextMessage, b)
	}
}

func (ls *lines) reply(l *line, answer any) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if l.conn != nil {
		_ = l.conn.WriteJSON(answer)
	}
}

func (ls *lines) broke(l *line, conn *websocket.Conn) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if l.conn == conn {
		l.conn = nil
	}
}

// tell sends an event to those of these people who are connected, or were a moment ago.
func (ls *lines) tell(people []string, e event) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	for _, l := range ls.all {
		if slices.Contains(people, l.user) {
			l.send(e)
		}
	}
}

func (ls *lines) cut() {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	for _, l := range ls.all {
		if l.conn != nil {
			_ = l.conn.Close()
			l.conn = nil
		}
	}
}

func (ls *lines) restart() {
	ls.cut()
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.all = nil
}
