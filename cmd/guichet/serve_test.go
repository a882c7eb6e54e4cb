package main_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"guichet/internal/localslack"
)

// served is a guichet that serves.
type served struct {
	t       *testing.T
	process *exec.Cmd
	address string
	ended   chan error
	log     []string // whole once it has ended
}

var listening = regexp.MustCompile(`msg=guichet version=v1\.2\.3 listen=(\S+) `)

// serve starts guichet serve and returns once it says where it listens.
func (s *site) serve() *served {
	s.t.Helper()
	return s.serveBy(func(*exec.Cmd) {})
}

// serveBy is serve, by a command that is changed.
func (s *site) serveBy(change func(serve *exec.Cmd)) *served {
	s.t.Helper()
	g := &served{t: s.t, process: s.command("serve"), ended: make(chan error, 1)}
	change(g.process)
	stderr, err := g.process.StderrPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := g.process.Start(); err != nil {
		s.t.Fatal(err)
	}
	address := make(chan string, 1)
	go func() {
		defer close(address)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			g.log = append(g.log, lines.Text())
			if m := listening.FindStringSubmatch(lines.Text()); m != nil {
				address <- m[1]
			}
		}
		g.ended <- g.process.Wait()
	}()
	s.t.Cleanup(func() { _ = g.process.Process.Kill() })
	g.address = <-address
	if g.address == "" {
		s.t.Fatalf("it does not serve:\n%s", strings.Join(g.log, "\n"))
	}
	return g
}

// get returns status and body of a page.
func (g *served) get(path string) string {
	g.t.Helper()
	r, err := http.Get("http://" + g.address + path)
	if err != nil {
		return err.Error()
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d %s", r.StatusCode, body)
}

func (g *served) eventually(path, want string) {
	g.t.Helper()
	localslack.Eventually(g.t, path+" says "+want, func() bool { return strings.Contains(g.get(path), want) })
}

// stops sends a signal and checks that the program ends in time, in order.
func (g *served) stops(signal os.Signal) {
	g.t.Helper()
	if err := g.process.Process.Signal(signal); err != nil {
		g.t.Fatal(err)
	}
	began := time.Now()
	select {
	case err := <-g.ended:
		if took := time.Since(began); err != nil || took > 4*time.Second { // stop_timeout, and as much for a slow machine
			g.t.Errorf("after %s it ended within %s: %v\n%s", signal, took, err, strings.Join(g.log, "\n"))
		}
	case <-time.After(10 * time.Second):
		g.t.Fatalf("%s does not end it", signal)
	}
}

func TestServeAnswersItsSupervisorAndStops(t *testing.T) {
	t.Parallel()
	slack := localslack.StartTest(t, localslack.Demo())
	s := newSite(t, "guichet.db", slack.APIURL)
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		g := s.serve()
		g.eventually("/readyz", "200 ready\n")
		if got := g.get("/healthz"); got != "200 ok\n" {
			t.Errorf("/healthz: %s", got)
		}
		if got := g.get("/else"); !strings.HasPrefix(got, "404 ") {
			t.Errorf("/else: %s", got)
		}
		if err := slack.Command(t.Context(), localslack.Alice, localslack.General, "/ticket", "help"); err != nil {
			t.Fatal(err)
		}
		g.eventually("/metrics", `guichet_handler_seconds_count{kind="command"} 1`)
		metrics := g.get("/metrics")
		for _, name := range []string{"guichet_outbox_deliveries", "guichet_outbox_oldest_seconds", "guichet_handler_seconds", "go_goroutines", "process_open_fds"} {
			if !strings.Contains(metrics, "\n# TYPE "+name+" ") {
				t.Errorf("/metrics lacks %s:\n%s", name, metrics)
			}
		}
		g.stops(signal)
	}
	info, err := os.Stat(s.path("guichet.db"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the database is for others to read: %v, %v", info, err)
	}
}

// Slack may be away when guichet starts: it is alive, not ready, and stops as it should.
func TestServeWaitsForSlack(t *testing.T) {
	t.Parallel()
	g := newSite(t, "guichet.db", "http://127.0.0.1:1/api").serve()
	g.eventually("/readyz", "503 not connected to slack:T01ACME\n")
	if got := g.get("/healthz"); got != "200 ok\n" {
		t.Errorf("/healthz: %s", got)
	}
	g.stops(syscall.SIGTERM)
}

func TestRefreshBesideServe(t *testing.T) {
	t.Parallel()
	slack := localslack.StartTest(t, localslack.Demo())
	s := newSite(t, "guichet.db", slack.APIURL)
	g := s.serve()
	g.eventually("/readyz", "200 ready\n")
	p := slack.OpenTest(t, localslack.Alice)
	if err := p.Slash(t.Context(), localslack.General, "/ticket", "office"); err != nil {
		t.Fatal(err)
	}
	view, err := p.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	values, err := view.Fill(map[string]string{"kind": "information", "subject": "Outlook", "description": "How?"})
	if err != nil {
		t.Fatal(err)
	}
	if _, errs, err := p.Submit(t.Context(), values); err != nil || len(errs) > 0 {
		t.Fatalf("%v, %v", errs, err)
	}
	card := func() (found []localslack.Message) {
		localslack.Eventually(t, "the card is there", func() bool {
			ms, err := slack.Messages(t.Context(), localslack.Support)
			if err != nil {
				t.Fatal(err)
			}
			found = ms
			return len(ms) > 0
		})
		return found
	}
	first := card()
	g.eventually("/metrics", `guichet_deliveries_total{outcome="delivered"} 2`)
	if err := slack.DeleteMessage(t.Context(), localslack.Bot, localslack.Support, first[0].TS); err != nil {
		t.Fatal(err)
	}
	s.ends(0, `open tickets to refresh: 1\n`, "", "refresh")
	if again := card(); len(again) != 1 || again[0].TS == first[0].TS || again[0].AllText() != first[0].AllText() {
		t.Errorf("there was %v, now there is %v", first, again)
	}
	g.stops(syscall.SIGTERM)
}
