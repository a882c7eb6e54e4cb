package main_test

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"guichet/internal/freeport"
	"guichet/internal/localslack"
	"guichet/internal/strictslack"
	"guichet/store/storetest"
)

const (
	// soakVariable says for how long rounds follow each other; at least there is one. make soak sets it.
	soakVariable = "GUICHET_SOAK"
	// seedVariable repeats the round of a seed, as far as the machine lets it.
	seedVariable = "GUICHET_SEED"

	killingLasts = 5 * time.Second // in each round
	mostKills    = 40
)

// slackRetries are the times between Slack's attempts, a sixtieth of them.
var slackRetries = []time.Duration{0, time.Second, 5 * time.Second}

// The program is killed at random moments of the conversations of many people, and started again. In
// the end every message is there exactly once on both sides, in order: on both databases, by both of
// Slack's roads.
func TestKilledAtAnyMomentItLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"socket", "http"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			eachRound(t, func(t *testing.T, address string, seed uint64) {
				v := newVictim(t, address, mode, seed)
				v.round(newCrowdInSlack(t, v.slack, v.random))
			})
		})
	}
}

// eachRound has rounds follow each other over each database, with a seed each, for as long as is asked for.
func eachRound(t *testing.T, round func(t *testing.T, address string, seed uint64)) {
	t.Helper()
	soak, err := time.ParseDuration(cmp.Or(os.Getenv(soakVariable), "0s"))
	if err != nil {
		t.Fatalf("%s: %v", soakVariable, err)
	}
	seed, err := strconv.ParseUint(cmp.Or(os.Getenv(seedVariable), fmt.Sprint(time.Now().UnixMilli())), 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", seedVariable, err)
	}
	for began := time.Now(); !t.Failed(); seed++ {
		storetest.EachAddress(t, func(t *testing.T, address string) {
			fmt.Printf("%s %s=%d\n", t.Name(), seedVariable, seed)
			round(t, address, seed)
		})
		if time.Since(began) >= soak {
			return
		}
	}
}

// victim is a program that is killed again and again, with the Slack that outlives it.
type victim struct {
	t      *testing.T
	site   *site
	slack  *localslack.Server
	strict *strictslack.Server
	random *rand.Rand

	database, address string
	process           *exec.Cmd
	log               *os.File
	kills, catchUps   int
	inHand            int // deliveries that were under way when the program was killed
	missed            int // events that Slack gave up, when it was last looked at
}

// newVictim starts a program. before may set it up further: the program is not running then.
func newVictim(t *testing.T, database, mode string, seed uint64, before ...func(*victim)) *victim {
	t.Helper()
	v := &victim{t: t, slack: localslack.StartTest(t, town()), random: rand.New(rand.NewPCG(seed, 0)), database: database}
	v.strict = strictslack.StartTest(t, v.slack, strictslack.WithClock(strictslack.Clock{Retries: slackRetries}))
	// So that many a death comes between "posted" and "noted".
	v.strict.Inject(strictslack.Fault{Method: "chat.*", Kind: strictslack.Slow, Delay: 100 * time.Millisecond})
	v.site = newSite(t, database, v.strict.APIURL)
	v.address = freeAddress(t)
	v.site.change("127.0.0.1:0", v.address)
	v.site.change("organization: acme, api_url", "organization: acme, mode: "+mode+", api_url")
	keys := v.slack.Config.App
	v.site.environ = append(v.site.environ, "GUICHET_SLACK_ACME_SIGNING_SECRET="+keys.SigningSecret)
	if mode == "http" {
		v.strict.SetHTTP("http://"+v.address+"/slack/acme", keys.SigningSecret)
	}
	var err error
	if v.log, err = os.Create(v.site.path("log")); err != nil {
		t.Fatal(err)
	}
	for _, f := range before {
		f(v)
	}
	v.site.ends(0, `.*`, "", "migrate")
	v.start()
	t.Cleanup(func() {
		v.kill()
		if t.Failed() {
			text, _ := os.ReadFile(v.log.Name())
			t.Logf("guichet's log:\n%s", text)
		}
		v.log.Close()
	})
	return v
}

// freeAddress is one that nobody else gets: each life of the program needs the same.
func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := freeport.Address()
	if err != nil {
		t.Fatal(err)
	}
	return address
}

func (v *victim) start() {
	v.t.Helper()
	v.process = exec.Command(guichet, "serve")
	v.process.Dir, v.process.Env = v.site.dir, v.site.environ
	v.process.Stdout, v.process.Stderr = v.log, v.log
	v.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := v.process.Start(); err != nil {
		v.t.Fatal(err)
	}
}

// kill ends the program as a power cut does.
func (v *victim) kill() {
	_ = v.process.Process.Signal(syscall.SIGKILL)
	_ = v.process.Wait()
}

func (v *victim) ready() bool {
	r, err := http.Get("http://" + v.address + "/readyz")
	if err != nil {
		return false
	}
	r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// life is how long the program is left to live: often no longer than it takes to start.
func (v *victim) life() time.Duration {
	longest := []int{300, 700, 1500}[v.random.IntN(3)]
	return time.Duration(v.random.IntN(longest)) * time.Millisecond
}

// round has people talk while the program is killed, and looks at what has become of it.
func (v *victim) round(c *crowd) {
	talking := make(chan error, 1)
	go func() { talking <- c.talk() }()
	for range len(c.scripts) / 2 {
		select {
		case <-c.opened:
		case err := <-talking:
			v.t.Fatal(err)
		}
	}
	v.killWhile(talking)
	for deadline, done := time.Now().Add(2*crowdPatience), false; !done || v.takenIn() < len(c.said); {
		select {
		case err := <-talking:
			if err != nil {
				v.t.Fatal(err)
			}
			done = true
		case <-time.After(500 * time.Millisecond):
			if v.givenUp() > v.missed { // nobody would ever tell guichet
				v.kill()
				v.makeUp()
				v.start()
			}
		}
		if time.Now().After(deadline) {
			break // check says what is lost
		}
	}
	v.settle()
	c.check(v.list)
	for _, r := range v.strict.Refusals() {
		v.t.Errorf("guichet broke a rule of Slack's: %v", r)
	}
	v.t.Logf("%d messages; %d kills, with %d deliveries in hand; %d times read what Slack had given up", len(c.said), v.kills, v.inHand, v.catchUps)
}

// killWhile kills the program at random moments for a while, or until people are done, and leaves it running.
func (v *victim) killWhile(talking chan error) {
	until := time.After(killingLasts)
	for v.kills < mostKills {
		select {
		case <-until:
			return
		case err := <-talking: // they are done already
			talking <- err
			return
		case <-time.After(v.life()):
			v.kill()
			v.kills++
			if v.random.IntN(3) == 0 { // it may take a while until it is started again
				time.Sleep(time.Duration(v.random.IntN(1500)) * time.Millisecond)
			}
			v.makeUp()
			v.start()
		}
	}
}

// takenIn counts the messages that are in the database, but for the descriptions.
func (v *victim) takenIn() int {
	v.t.Helper()
	return len(v.list(`SELECT body FROM messages WHERE id NOT IN (SELECT MIN(id) FROM messages GROUP BY ticket_id)`))
}

// givenUp are the events that Slack will not send again.
func (v *victim) givenUp() (n int) {
	for _, d := range v.strict.Unacked() {
		if d.Type == "events_api" {
			n++
		}
	}
	return n
}

// makeUp has time pass, which here it does only in the database: what the dead program had in its hands
// is anyone's again, and when Slack has given an event up, six minutes are over, after which guichet
// reads what it missed.
func (v *victim) makeUp() {
	v.t.Helper()
	if n := v.givenUp(); n > v.missed {
		v.missed = n
		v.catchUps++
		v.exec(`UPDATE heard SET at = at - 600000`)
	}
	v.inHand += len(v.list(`SELECT lane FROM outbox WHERE claims > settled`))
	v.exec(`UPDATE outbox SET visible_at = 0 WHERE visible_at IS NOT NULL`)
}

// settle waits until all has been told.
func (v *victim) settle() {
	v.t.Helper()
	deadline := time.Now().Add(crowdPatience)
	for {
		left := v.list(`SELECT lane || ' ' || kind || ' ' || last_error FROM outbox`)
		if len(left) == 0 && v.ready() {
			break
		}
		if time.Now().After(deadline) {
			v.t.Fatalf("not told: %q", left)
		}
		time.Sleep(50 * time.Millisecond)
	}
	if parked := v.list(`SELECT lane || ' ' || kind || ' ' || last_error FROM parked`); len(parked) > 0 {
		v.t.Errorf("parked: %q", parked)
	}
}

func (v *victim) open() (*sql.DB, error) {
	driver, source := "postgres", v.database
	if !strings.HasPrefix(source, "postgres") {
		driver, source = "sqlite", "file:"+(&url.URL{Path: v.database}).EscapedPath()+"?_pragma=busy_timeout(5000)"
	}
	return sql.Open(driver, source)
}

func (v *victim) exec(statement string) {
	v.t.Helper()
	if err := v.try(statement); err != nil {
		v.t.Fatal(err)
	}
}

func (v *victim) try(statement string) error {
	db, err := v.open()
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(v.t.Context(), statement)
	return err
}

// list reads one text per row.
func (v *victim) list(query string) []string {
	v.t.Helper()
	out, err := v.rows(query)
	if err != nil {
		v.t.Fatal(err)
	}
	return out
}

func (v *victim) rows(query string) (out []string, err error) {
	db, err := v.open()
	if err != nil {
		return nil, err
	}
	defer db.Close()
	rows, err := db.QueryContext(v.t.Context(), query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var row string
		err = errors.Join(err, rows.Scan(&row))
		out = append(out, row)
	}
	return slices.Clip(out), errors.Join(err, rows.Err())
}
