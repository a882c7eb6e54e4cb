package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	_ "github.com/lib/pq"

	"guichet/internal/freeport"
)

const (
	readyWithin = 30 * time.Second
	stopWithin  = 10 * time.Second
)

// A server is a running PostgreSQL and the folder that holds all it has.
type server struct {
	address string // of its maintenance database
	dir     string
	cmd     *exec.Cmd
	ended   chan struct{} // closed once the process is gone
}

// startServer makes a new cluster and waits until it answers.
func startServer(ctx context.Context, bin string, durable bool) (*server, error) {
	// Whatever TMPDIR says: the other user below must be able to get
	// there, and the path of a unix socket may have 107 bytes only.
	dir, err := os.MkdirTemp(temporary(durable), "guichet-pg-")
	if err != nil {
		return nil, err
	}
	srv, err := newCluster(ctx, bin, dir, settings(durable))
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	return srv, nil
}

func newCluster(ctx context.Context, bin, dir string, settings []string) (*server, error) {
	who, err := owner(dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"),
		"--pgdata="+data, "--username=postgres", "--auth=trust",
		// C.UTF-8 sorts by bytes, alike everywhere, and still knows the case of accented letters.
		"--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
	initdb.Dir = dir
	initdb.SysProcAttr = &syscall.SysProcAttr{Credential: who, Pdeathsig: syscall.SIGKILL}
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}

	// Another process can take the free port before the server does: try again then.
	for try := 1; ; try++ {
		srv, err := launch(ctx, bin, dir, who, settings)
		if err == nil || try == 3 || ctx.Err() != nil {
			return srv, err
		}
	}
}

// owner says who must run the server: PostgreSQL refuses to run as root, and
// then the folder is given to a user that every system has.
func owner(dir string) (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2, os.Chown(dir, int(uid), int(gid))); err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")
}

// settings are what the server is told besides.
func settings(durable bool) []string {
	if durable {
		return []string{"-c", "max_wal_size=4GB"} // a checkpoint would hit whoever is measured then
	}
	// Nothing has to survive a crash.
	return []string{"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"}
}

func launch(ctx context.Context, bin, dir string, who *syscall.Credential, settings []string) (*server, error) {
	port, err := freeport.Find()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(filepath.Join(bin, "postgres"), append([]string{
		"-D", filepath.Join(dir, "data"),
		"-c", "listen_addresses=127.0.0.1", "-c", "port=" + port,
		"-c", "unix_socket_directories=" + dir,
		"-c", "max_connections=200"}, settings...)...)
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Credential: who,
		Setpgid:    true, // Ctrl-C is for the command: the server ends after it
		Pdeathsig:  syscall.SIGQUIT,
	}
	logPath := filepath.Join(dir, "log")
	logFile, err := os.Create(logPath)
	if err != nil {
		return nil, err
	}
	defer logFile.Close()
	cmd.Stdout, cmd.Stderr = logFile, logFile
	if err := cmd.Start(); err != nil {
		return nil, err
	}

	srv := &server{
		address: "postgres://postgres@127.0.0.1:" + port + "/postgres?sslmode=disable",
		dir:     dir,
		cmd:     cmd,
		ended:   make(chan struct{}),
	}
	go func() {
		// How it ended does not matter: its log says why.
		_ = cmd.Wait()
		close(srv.ended)
	}()
	if err := srv.waitReady(ctx); err != nil {
		srv.end()
		said, _ := os.ReadFile(logPath)
		return nil, fmt.Errorf("starting PostgreSQL: %w\n%s", err, said)
	}
	return srv, nil
}

func (s *server) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	db, err := sql.Open("postgres", s.address)
	if err != nil {
		return err
	}
	defer db.Close()
	for {
		if err = db.PingContext(ctx); err == nil {
			return nil
		}
		select {
		case <-s.ended:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// stop ends the server and removes all it had.
func (s *server) stop() {
	s.end()
	if err := os.RemoveAll(s.dir); err != nil {
		fmt.Fprintln(os.Stderr, "with:", err)
	}
}

// end goes from polite to rude: SIGINT is PostgreSQL's fast shutdown, which
// drops connections; SIGQUIT its immediate one.
func (s *server) end() {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL} {
		_ = s.cmd.Process.Signal(sig)
		select {
		case <-s.ended:
			return
		case <-time.After(stopWithin):
		}
	}
}
