package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"guichet/internal/freeport"
)

// program is a process that answers HTTP: guichet itself, or one that it is compared with.
type program struct {
	name    string
	base    string // its address
	log     string
	process *exec.Cmd
}

// start runs a command and returns once it answers at path, with the time that took.
func start(name, port, path, dir string, command *exec.Cmd) (*program, time.Duration, error) {
	p := &program{name: name, base: "http://127.0.0.1:" + port, process: command, log: filepath.Join(dir, name+".log")}
	said, err := os.Create(p.log)
	if err != nil {
		return nil, 0, err
	}
	defer said.Close()
	command.Stdout, command.Stderr = said, said
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	began := time.Now()
	if err := command.Start(); err != nil {
		return nil, 0, err
	}
	err = until(20*time.Second, name+" answers", func() bool {
		r, err := http.Get(p.base + path)
		if err != nil {
			return false
		}
		defer r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
	took := time.Since(began)
	if err != nil {
		p.stop()
		log, _ := os.ReadFile(p.log)
		return nil, 0, fmt.Errorf("%w\n%s", err, log)
	}
	return p, took, nil
}

const guichetConfig = `
database: %q
listen: 127.0.0.1:%s
stop_timeout: 1s
organizations:
  - key: acme
slack:
  - {key: acme, team: %s, organization: acme, mode: http, api_url: %q}
queues:
  - {key: support, workspace: acme, channel: %s, undo: 0s}
services:
  - {key: office}
`

// startGuichet runs the real program on a database.
func (b *bench) startGuichet(name, database string) (*program, time.Duration, error) {
	port, err := freeport.Find()
	if err != nil {
		return nil, 0, err
	}
	file := filepath.Join(b.dir, name+".yaml")
	text := fmt.Sprintf(guichetConfig, database, port, team, b.slack.address, channel)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, 0, err
	}
	command := exec.Command(b.guichet, "-c", file, "serve")
	command.Env = append(os.Environ(), "GUICHET_FILES="+os.TempDir()+"/guichet-bench-files", "GUICHET_SLACK_ACME_BOT_TOKEN=xoxb-bench", "GUICHET_SLACK_ACME_SIGNING_SECRET="+secret)
	return start(name, port, "/readyz", b.dir, command)
}

func (p *program) stop() {
	_ = p.process.Process.Signal(syscall.SIGTERM)
	_ = p.process.Wait()
}

// memory returns the resident memory in MB: VmRSS is what it is now, VmHWM what it was at most.
func (p *program) memory(which string) float64 {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.process.Process.Pid))
	_, after, _ := bytes.Cut(b, []byte(which+":"))
	fields := bytes.Fields(after)
	if len(fields) == 0 {
		return 0
	}
	kb, _ := strconv.ParseFloat(string(fields[0]), 64)
	return kb / 1024
}

// processor returns the time on the processor so far.
func (p *program) processor() time.Duration {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.process.Process.Pid))
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:])) // from the third field on
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond // Linux counts in hundredths of a second
}
