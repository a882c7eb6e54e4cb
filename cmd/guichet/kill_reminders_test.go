package main_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"guichet/internal/localslack"
	"guichet/internal/strictslack"
	"guichet/store"
)

// Three copies look at what is due; all the while one or the other is killed and started again. Each reminder is told once.
func TestKilledWhileTheyRemindThreeCopiesRemindOnce(t *testing.T) {
	t.Parallel()
	eachRound(t, func(t *testing.T, address string, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 0))
		slack := localslack.StartTest(t, localslack.Demo())
		strict := strictslack.StartTest(t, slack)
		strict.Inject(strictslack.Fault{Method: "chat.*", Kind: strictslack.Slow, Delay: 50 * time.Millisecond})
		s := newSite(t, address, strict.APIURL)
		s.change("undo: 0s, reminders: {daily: {off: true}, weekly: {off: true}}}", `undo: 0s, lead: "acme:U04OLIVER", sla: {normal: {first_response: 1m}},
     reminders: {daily: {off: true}, weekly: {off: true}, unassigned: {schedule: "* * * * *", after: 1m, tell: [queue, lead], every: 200h}, breach: {tell: [queue, lead], every: 200h}}}`)
		s.ends(0, ".*", "", "migrate")
		db, err := store.Open(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })

		copies := make([]*exec.Cmd, 3)
		log, err := os.Create(s.path("log"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			for _, c := range copies {
				_ = c.Process.Kill()
				_ = c.Wait()
			}
			if t.Failed() {
				text, _ := os.ReadFile(log.Name())
				t.Logf("guichet's log:\n%s", text)
			}
			log.Close()
		})
		start := func(i int) {
			copies[i] = exec.Command(guichet, "serve")
			copies[i].Dir, copies[i].Env, copies[i].Stdout, copies[i].Stderr = s.dir, s.environ, log, log
			copies[i].SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
			if err := copies[i].Start(); err != nil {
				t.Fatal(err)
			}
		}
		for i := range copies {
			start(i)
		}

		tickets, kills := 0, 0
		for until := time.Now().Add(killingLasts); time.Now().Before(until); {
			tickets++
			age := time.Duration(5+random.IntN(120)) * time.Minute
			opened := func() error { // once, by its nonce, however often it is tried
				return db.Write(t.Context(), func(tx *store.Tx) error { return openDue(t.Context(), tx, tickets, age) })
			}
			err := opened()
			for tries := 0; err != nil && tries < 20; tries++ { // a copy that was killed leaves SQLite's file locked for a moment
				err = opened()
			}
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(random.IntN(400)) * time.Millisecond)
			if random.IntN(3) == 0 {
				i := random.IntN(len(copies))
				_ = copies[i].Process.Kill()
				_ = copies[i].Wait()
				kills++
				start(i)
			}
		}

		// What a dead copy had in its hands is anyone's again once its lease of 20 s is over.
		shown := func() (unassigned, overdue map[string]int) {
			unassigned, overdue = map[string]int{}, map[string]int{}
			ms, err := slack.Messages(t.Context(), "G02SUPPORT")
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range ms {
				for n := range tickets {
					name := fmt.Sprintf("“Subject %d.”", n+1)
					switch text := m.AllText(); {
					case strings.Contains(text, name) && strings.Contains(text, "nobody has taken it"):
						unassigned[name]++
					case strings.Contains(text, name) && strings.Contains(text, "is overdue by"):
						overdue[name]++
					}
				}
			}
			return unassigned, overdue
		}
		for deadline := time.Now().Add(90 * time.Second); ; {
			unassigned, overdue := shown()
			var left store.Backlog
			err := db.Read(t.Context(), func(tx *store.Tx) (err error) {
				left, err = tx.Backlog(t.Context())
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(unassigned) == tickets && len(overdue) == tickets && left.Waiting == 0 || time.Now().After(deadline) {
				break
			}
			time.Sleep(200 * time.Millisecond)
		}
		unassigned, overdue := shown()
		for n := range tickets {
			name := fmt.Sprintf("“Subject %d.”", n+1)
			if unassigned[name] != 1 || overdue[name] != 1 {
				t.Errorf("%s: reminded %d times that nobody has it, %d times that it is overdue", name, unassigned[name], overdue[name])
			}
		}
		t.Logf("%d tickets, %d kills", tickets, kills)
	})
}
