package localslack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	startWithin = 30 * time.Second
	stopWithin  = 2 * time.Second
)

// Server is a running local-slack. All of it lives in memory and ends with Stop.
type Server struct {
	URL    string // http://127.0.0.1:port, also the address of its web page
	APIURL string // for slack.OptionAPIURL
	Config Config

	http   *http.Client
	output *output
	dir    string
	pid    int
	ended  chan struct{} // closed once the process is gone
	stop   sync.Once
}

// A StartOption changes how a Server is started.
type StartOption func(*options)

type options struct{ port int }

// WithPort asks for one fixed port, for a person who opens the page by hand.
// Otherwise the system picks a free one.
func WithPort(port int) StartOption { return func(o *options) { o.port = port } }

// Start starts local-slack and waits until it answers. The context bounds the
// start only: Stop ends the server, and so does the death of this process.
func Start(ctx context.Context, cfg Config, opts ...StartOption) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	binary, err := Binary(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "guichet-local-slack-")
	if err != nil {
		return nil, err
	}
	s := &Server{
		Config: cfg,
		http:   &http.Client{Transport: &http.Transport{}},
		output: &output{url: make(chan string, 1)},
		dir:    dir,
		ended:  make(chan struct{}),
	}
	if err := s.launch(binary, o.port); err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("starting local-slack: %w", err)
	}
	if err := s.waitReady(ctx); err != nil {
		s.Stop()
		return nil, fmt.Errorf("starting local-slack: %w\n%s", err, s.output)
	}
	return s, nil
}

// Stop ends the server and removes its files. It may be called again.
func (s *Server) Stop() {
	s.stop.Do(func() {
		for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
			// The whole group; it may be gone already, and then all is well.
			_ = syscall.Kill(-s.pid, sig)
			select {
			case <-s.ended:
			case <-time.After(stopWithin):
				continue
			}
			break
		}
		s.http.CloseIdleConnections()
		os.RemoveAll(s.dir)
	})
}

// Ended is closed once the server is gone, by Stop or by itself.
func (s *Server) Ended() <-chan struct{} { return s.ended }

// Output is what the program has printed, for who has to say why it ended.
func (s *Server) Output() string { return s.output.String() }

func (s *Server) launch(binary string, port int) error {
	config := filepath.Join(s.dir, "config.json")
	text, err := json.Marshal(map[string]any{
		"workspace": s.Config.Workspace,
		"apps":      []App{s.Config.App},
		"users":     s.Config.Users,
		"channels":  s.Config.Channels,
	})
	if err != nil {
		return err
	}
	if err := os.WriteFile(config, text, 0o600); err != nil {
		return err
	}

	cmd := exec.Command(binary, "--config", config, "--port", fmt.Sprint(port),
		"--base-host", "127.0.0.1", "--files-dir", filepath.Join(s.dir, "files"))
	cmd.Stdout, cmd.Stderr = s.output, s.output
	// Its own group, so that Ctrl-C on a test lets the test end it in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}

	started := make(chan error)
	go func() {
		// The kernel kills the child when the thread that started it ends:
		// this goroutine keeps its thread for as long as the child lives.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if err == nil {
			s.pid = cmd.Process.Pid
		}
		started <- err
		if err == nil {
			_ = cmd.Wait()
			close(s.ended)
		}
	}()
	return <-started
}

// waitReady learns the port from what local-slack prints: with --port 0 the
// system picks a free one, which no other process can take in between.
func (s *Server) waitReady(ctx context.Context) error {
	select {
	case s.URL = <-s.output.url:
		s.APIURL = s.URL + "/api/"
	case <-s.ended:
		return errors.New("it ended at once")
	case <-ctx.Done():
		return ctx.Err()
	}
	_, err := s.state(ctx)
	return err
}

// lastSteps is for the reader of a failed test.
func (s *Server) lastSteps(n int) string {
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	entries, err := s.Log(ctx)
	if err != nil {
		return err.Error() + "\n"
	}
	var b strings.Builder
	for _, e := range entries[max(0, len(entries)-n):] {
		fmt.Fprintf(&b, "  %s %s: %s\n", e.Direction, e.Kind, e.Summary)
	}
	return b.String()
}

// output keeps what the program prints and finds its address in it.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
	url  chan string
	sent bool
}

var printedURL = regexp.MustCompile(`Web UI:\s+(http://\S+)\s`)

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.Write(p)
	if m := printedURL.FindSubmatch(o.text.Bytes()); m != nil && !o.sent {
		o.sent = true
		o.url <- string(m[1])
	}
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
