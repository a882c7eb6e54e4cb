package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"guichet/internal/localslack"
	"guichet/internal/strictslack"
)

// form is Alice's form for a new ticket, filled in.
type form struct {
	t      *testing.T
	page   *localslack.Page
	values localslack.Values
}

func openForm(t *testing.T, slack *localslack.Server, subject string) *form {
	t.Helper()
	f := &form{t: t, page: slack.OpenTest(t, localslack.Alice)}
	if err := f.page.Slash(t.Context(), localslack.General, "/ticket", "office"); err != nil {
		t.Fatal(err)
	}
	view, err := f.page.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f.values, err = view.Fill(map[string]string{"kind": "information", "subject": subject, "description": strings.Repeat("How? ", 500)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// send returns what is wrong with the form.
func (f *form) send() string {
	f.t.Helper()
	_, errs, err := f.page.Submit(f.t.Context(), f.values)
	if err != nil {
		f.t.Fatal(err)
	}
	if len(errs) == 0 {
		return ""
	}
	return fmt.Sprint(errs)
}

// shown waits until so many messages of guichet's in a channel hold a text.
func shown(t *testing.T, slack *localslack.Server, channel, text string, n int) {
	t.Helper()
	localslack.Eventually(t, fmt.Sprintf("%s shows %q %d times", channel, text, n), func() bool {
		ms, err := slack.Messages(t.Context(), channel)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, m := range ms {
			if strings.Contains(m.AllText(), text) {
				found++
			}
		}
		return found == n
	})
}

// The operator sees what Slack would not take, with the reason, has it tried again, or gives it up.
func TestTheOperatorLooksAfterDeliveries(t *testing.T) {
	t.Parallel()
	slack := localslack.StartTest(t, localslack.Demo())
	strict := strictslack.StartTest(t, slack)
	s := newSite(t, "guichet.db", strict.APIURL)
	g := s.serve()
	g.eventually("/readyz", "200 ready\n")
	s.ends(0, "nothing has failed\n", "", "deliveries")

	strict.Inject(strictslack.Fault{Method: "chat.postMessage", Kind: strictslack.Refuse, Code: "invalid_blocks"})
	if errs := openForm(t, slack, "Outlook").send(); errs != "" {
		t.Fatal(errs)
	}
	g.eventually("/metrics", `guichet_outbox_failures{reason="invalid_blocks",state="parked"} 2`)
	g.eventually("/metrics", `guichet_outbox_deliveries{state="parked"} 2`)
	s.ends(0, `ID +STATE +TICKET +TO +WHAT +TRIES +SINCE +REASON +IN FULL
(\d +parked +1001 +slack:T01ACME(, the requester)? +card +1 +[-\d: ]+ +invalid_blocks +slack: chat\.postMessage: [^\n]*invalid_blocks[^\n]*\n){2}`, "", "deliveries")
	s.ends(1, "", `.*delivery 99: there is none, or it was delivered meanwhile\n`, "deliveries", "retry", "99")
	s.ends(2, "", `.*name deliveries by their numbers, or give --all\n`, "deliveries", "drop")

	_, list, _ := s.run("deliveries")
	mine := regexp.MustCompile(`(?m)^(\d+) .*the requester`).FindStringSubmatch(list)
	if mine == nil {
		t.Fatalf("no delivery to the requester in\n%s", list)
	}
	strict.Mend()
	s.ends(0, `delivery `+mine[1]+`: dropped\n`, "", "deliveries", "drop", mine[1])
	s.ends(0, `delivery \d+: tried again within 20s\n`, "", "deliveries", "retry", "--all")
	shown(t, slack, localslack.Support, "Outlook", 1)
	g.eventually("/metrics", `guichet_outbox_deliveries{state="waiting"} 0`)
	s.ends(0, "nothing has failed\n", "", "deliveries")
	dm, err := slack.DM(t.Context(), localslack.Alice)
	if err != nil {
		t.Fatal(err)
	}
	shown(t, slack, dm, "Outlook", 0)
	g.stops(syscall.SIGTERM)
}

// The disk on which SQLite's file lies runs full: what people send is not saved and they are told so;
// once there is room, the same form opens one ticket. (Mounting the little disk takes root, or a
// system that lets its users have namespaces.)
func TestADiskThatRunsFullSavesNothingAndSaysSo(t *testing.T) {
	t.Parallel()
	slack := localslack.StartTest(t, localslack.Demo())
	strict := strictslack.StartTest(t, slack)
	s := newSite(t, filepath.Join("disk", "guichet.db"), strict.APIURL)
	if err := os.Mkdir(s.path("disk"), 0o700); err != nil {
		t.Fatal(err)
	}
	unshare := []string{"--mount"}
	if os.Getuid() != 0 {
		unshare = append(unshare, "--map-root-user")
	}
	g := s.serveBy(func(serve *exec.Cmd) {
		serve.Args = append(append([]string{"unshare"}, unshare...), "sh", "-c", `mount -t tmpfs -o size=2m tmpfs disk && exec "$0" "$@"`, serve.Path, "serve")
		serve.Path, serve.Err = exec.LookPath("unshare")
	})
	g.eventually("/readyz", "200 ready\n")
	f := openForm(t, slack, "Outlook")

	filler := fmt.Sprintf("/proc/%d/root%s", g.process.Process.Pid, s.path("disk/filler"))
	if err := os.WriteFile(filler, make([]byte, 4<<20), 0o600); err == nil {
		t.Fatal("the disk does not run full")
	}
	for range 2 {
		if errs := f.send(); !strings.Contains(errs, "this was not saved. Please try again.") {
			t.Errorf("with a full disk the form says %q", errs)
		}
	}
	g.eventually("/healthz", "200 ok")
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if errs := f.send(); errs != "" {
		t.Errorf("with room again the form says %s", errs)
	}
	shown(t, slack, localslack.Support, "Outlook", 1)
	g.stops(syscall.SIGTERM)
}
