package strictslack

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"sync"
	"time"
)

// FaultKind is a way to fail.
type FaultKind string

// The ways in which a call can fail.
const (
	RateLimited FaultKind = "429"     // with Fault.RetryAfter, a second at least
	ServerError FaultKind = "5xx"     // with Fault.Status, or 503
	Timeout     FaultKind = "timeout" // it is never answered
	Slow        FaultKind = "slow"    // it is answered, but only after Fault.Delay
	Hold        FaultKind = "hold"    // it stays on its way to Slack until Fault.Until, or is lost if the caller hangs up before
	Cut         FaultKind = "cut"     // half of an answer comes, then the connection breaks
	Drop        FaultKind = "drop"    // the connection breaks, and no answer has come
	Refuse      FaultKind = "refuse"  // "ok" is false, with Fault.Code
	HTML        FaultKind = "html"    // a page of HTML with the status 200, as of a proxy on the way
)

// Fault has calls fail that would not.
type Fault struct {
	Method  string // a method, or a pattern as of path.Match: "chat.*". "response" is a response_url.
	Channel string // if given, only calls for this channel
	Times   int    // how many calls fail; 0: all, until the fault is removed
	Kind    FaultKind

	RetryAfter time.Duration
	Status     int
	Delay      time.Duration
	Code       string
	Until      <-chan struct{} // lets all that are held go, once it is closed
	Held       chan<- struct{} // is told of each that is held, if it has room

	// AfterDone has the call carried out first; then it fails as the kind says, so that the caller
	// cannot know what became of it.
	AfterDone bool
}

// verdict is for the log.
func (f *Fault) verdict() string {
	if f.Kind == Refuse {
		return "fault: " + f.Code
	}
	return "fault: " + string(f.Kind)
}

type faults struct {
	mu   sync.Mutex
	list []*Fault
}

// Inject has calls fail. Of several faults for one call the first holds. The returned function
// removes this one, if it has not run out.
func (s *Server) Inject(f Fault) (remove func()) {
	if f.Kind == Refuse && f.Code == "" {
		panic("strictslack: a refusal needs a code")
	}
	if f.Kind == Hold && f.Until == nil {
		panic("strictslack: what is held must be let go")
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = append(s.faults.list, &f)
	return func() {
		s.faults.mu.Lock()
		defer s.faults.mu.Unlock()
		s.faults.list = slices.DeleteFunc(s.faults.list, func(other *Fault) bool { return other == &f })
	}
}

// Mend removes all faults.
func (s *Server) Mend() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = nil
}

// take returns the fault that befalls a call, nil if none.
func (l *faults) take(method, channel string) *Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, f := range l.list {
		if ok, _ := path.Match(f.Method, method); !ok || f.Channel != "" && f.Channel != channel {
			continue
		}
		taken := *f
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				l.list = slices.Delete(l.list, i, i+1)
			}
		}
		return &taken
	}
	return nil
}

// fail answers as a fault has it; a is the answer that would be.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, f *Fault, a answer) {
	switch f.Kind {
	case RateLimited:
		s.write(w, answer{status: http.StatusTooManyRequests, body: obj{"ok": false, "error": "ratelimited"},
			header: http.Header{"Retry-After": {strconv.Itoa(retryAfter(f.RetryAfter))}}})
	case ServerError:
		status := cmp.Or(f.Status, http.StatusServiceUnavailable)
		http.Error(w, http.StatusText(status), status)
	case Timeout:
		s.sleep(r, time.Hour)
		hangUp(w, "")
	case Slow:
		s.sleep(r, f.Delay)
		s.write(w, a)
	case Hold:
		s.write(w, a)
	case Drop:
		hangUp(w, "")
	case Cut:
		body, _ := json.Marshal(a.body)
		hangUp(w, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body[:len(body)/2]))
	case Refuse:
		s.write(w, answer{body: obj{"ok": false, "error": f.Code}})
	case HTML:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, signIn)
	}
}

// hold keeps a call on its way. It says whether that goes on then.
func (s *Server) hold(r *http.Request, f *Fault) bool {
	select {
	case f.Held <- struct{}{}:
	default:
	}
	select {
	case <-f.Until:
		return true
	case <-r.Context().Done():
	case <-s.ctx.Done():
	}
	return false
}

// sleep lasts until the caller has gone, if that is earlier.
func (s *Server) sleep(r *http.Request, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	case <-s.ctx.Done():
	}
}

// hangUp breaks a connection, after some last words.
func hangUp(w http.ResponseWriter, lastWords string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // it is broken already
	}
	_, _ = io.WriteString(conn, lastWords)
	_ = conn.Close()
}

// retryAfter is in whole seconds, and one at least.
func retryAfter(d time.Duration) int { return max(1, int((d+time.Second-1)/time.Second)) }

// readMultipart reads the fields of a form; files are none of ours.
func readMultipart(body []byte, boundary string) (url.Values, error) {
	form, err := multipart.NewReader(bytes.NewReader(body), boundary).ReadForm(maxArguments)
	if err != nil {
		return nil, err
	}
	defer func() { _ = form.RemoveAll() }()
	return form.Value, nil
}
