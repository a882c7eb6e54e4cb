package fakemattermost

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// Fault is something that goes wrong, so many times.
type Fault struct {
	Method, Path string // of the calls that fail: "POST", "/posts"; the path's beginning
	Status       int    // of the answer; 0: there is none
	RetryAfter   int    // seconds, with 429
	Times        int
	AfterDone    bool // what was asked is done all the same
}

type faults struct {
	mu  sync.Mutex
	all []*Fault
}

// Inject has calls fail.
func (s *Server) Inject(f Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.all = append(s.faults.all, &f)
}

func (fs *faults) take(method, path string) *Fault {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, f := range fs.all {
		if f.Times > 0 && f.Method == method && strings.HasPrefix(path, f.Path) {
			f.Times--
			return f
		}
	}
	return nil
}

func (f *Fault) answer(w http.ResponseWriter) {
	switch f.Status {
	case 0:
		panic(http.ErrAbortHandler)
	case http.StatusTooManyRequests: // a text, no JSON
		w.Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
		w.Header().Set("X-Ratelimit-Reset", strconv.Itoa(f.RetryAfter))
		http.Error(w, "limit exceeded", f.Status)
	default:
		http.Error(w, "<html>oops</html>", f.Status)
	}
}
