package localslack

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// idle are servers that no test uses any more, by their configuration: what they knew is forgotten. They end with
// this process.
var idle = struct {
	sync.Mutex
	servers map[string][]*Server
}{servers: map[string][]*Server{}}

// StartTest is a server for one test, with nothing in it: one that an earlier test has left, since to start one takes a
// quarter of a second of a processor's time, or a new one. When the test fails, what the server saw last is in the
// test's output.
func StartTest(t testing.TB, cfg Config) *Server {
	t.Helper()
	text, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := reuse(t.Context(), string(text))
	if s == nil {
		if s, err = Start(t.Context(), cfg); err != nil {
			t.Fatal(err)
		}
	}
	s.Config = cfg
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("local-slack's last steps:\n%s%s", s.lastSteps(40), s.output)
			s.Stop()
			return
		}
		s.leave(string(text))
	})
	return s
}

// reuse is a server that an earlier test has left; nil: there is none.
func reuse(ctx context.Context, config string) *Server {
	idle.Lock()
	defer idle.Unlock()
	for left := idle.servers[config]; len(left) > 0; left = idle.servers[config] {
		s := left[len(left)-1]
		idle.servers[config] = left[:len(left)-1]
		if s.control(ctx, "reset", nil, nil) == nil && os.MkdirAll(filepath.Join(s.dir, "files"), 0o700) == nil {
			return s
		}
		s.Stop()
	}
	return nil
}

// leave leaves a server to other tests, once no bot is connected any more, or stops it.
func (s *Server) leave(config string) {
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	for {
		now, err := s.state(ctx)
		if err != nil {
			s.Stop()
			return
		}
		if !slices.ContainsFunc(now.Apps, func(a struct{ Connected bool }) bool { return a.Connected }) {
			break
		}
		time.Sleep(time.Millisecond)
	}
	s.http.CloseIdleConnections()
	os.RemoveAll(s.dir)
	idle.Lock()
	defer idle.Unlock()
	idle.servers[config] = append(idle.servers[config], s)
}
