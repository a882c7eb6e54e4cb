package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"guichet/internal/pgtest"
)

// postgresServer is a PostgreSQL with the settings that a desk runs on: what is committed is on the disk. The
// server of internal/pgtest is not (fsync=off, which no session can turn on), so it only tells
// where the programs are.
type postgresServer struct {
	bin, dir, port string
	process        *exec.Cmd
}

func startPostgres(dir string) (*postgresServer, error) {
	s := &postgresServer{dir: filepath.Join(dir, "postgres")}
	var err error
	if s.bin, err = programsOf(os.Getenv(pgtest.Env)); err != nil {
		return nil, err
	}
	if s.port, err = freePort(); err != nil {
		return nil, err
	}
	if err := os.Mkdir(s.dir, 0o755); err != nil {
		return nil, err
	}
	who, err := owner(s.dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(s.dir, "data")
	initdb := exec.Command(filepath.Join(s.bin, "initdb"), "--pgdata="+data, "--username=postgres", "--auth=trust",
		"--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = s.dir, &syscall.SysProcAttr{Credential: who, Pdeathsig: syscall.SIGKILL}
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	said, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		return nil, err
	}
	defer said.Close()
	s.process = exec.Command(filepath.Join(s.bin, "postgres"), "-D", data, "-c", "listen_addresses=127.0.0.1", "-c", "port="+s.port,
		"-c", "unix_socket_directories="+s.dir, "-c", "max_connections=200",
		"-c", "max_wal_size=4GB") // a checkpoint would hit whoever has its turn
	s.process.Dir, s.process.Stdout, s.process.Stderr = s.dir, said, said
	s.process.SysProcAttr = &syscall.SysProcAttr{Credential: who, Setpgid: true, Pdeathsig: syscall.SIGQUIT}
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	db, err := sql.Open("postgres", s.address("postgres"))
	if err != nil {
		return nil, err
	}
	defer db.Close()
	return s, until(30*time.Second, "PostgreSQL answers", func() bool { return db.Ping() == nil })
}

// programsOf asks a server where its programs are; pgbench is among them.
func programsOf(address string) (bin string, err error) {
	if address == "" {
		return "", fmt.Errorf("%s is not set: run \"make bench\"", pgtest.Env)
	}
	db, err := sql.Open("postgres", address)
	if err != nil {
		return "", err
	}
	defer db.Close()
	err = db.QueryRow(`SELECT setting FROM pg_config WHERE name = 'BINDIR'`).Scan(&bin)
	return bin, err
}

// owner gives the folder to the user that PostgreSQL runs as: it refuses to be root.
func owner(dir string) (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(dir, int(uid), int(gid))
}

func (s *postgresServer) address(database string) string {
	return "postgres://postgres@127.0.0.1:" + s.port + "/" + database + "?sslmode=disable"
}

// create makes an empty database and returns its address.
func (s *postgresServer) create(name string) (address string, err error) {
	db, err := sql.Open("postgres", s.address("postgres"))
	if err != nil {
		return "", err
	}
	defer db.Close()
	_, err = db.Exec("CREATE DATABASE " + name)
	return s.address(name), err
}

func (s *postgresServer) stop() {
	_ = s.process.Process.Signal(syscall.SIGINT)
	_ = s.process.Wait()
}

// pgbench runs a script and returns its transactions a second, connecting not counted.
func (s *postgresServer) pgbench(ctx context.Context, database, script string, clients int, length ...string) (float64, error) {
	name := filepath.Join(s.dir, "script.sql")
	if err := os.WriteFile(name, []byte(script), 0o644); err != nil {
		return 0, err
	}
	args := append([]string{"-h", "127.0.0.1", "-p", s.port, "-U", "postgres", "-n", "-f", name,
		"-c", strconv.Itoa(clients), "-j", strconv.Itoa(min(clients, 2))}, length...)
	out, err := exec.CommandContext(ctx, filepath.Join(s.bin, "pgbench"), append(args, database)...).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("pgbench: %w\n%s", err, out)
	}
	_, after, found := bytes.Cut(out, []byte("\ntps = "))
	if !found {
		return 0, fmt.Errorf("pgbench says no rate:\n%s", out)
	}
	number, _, _ := bytes.Cut(after, []byte(" "))
	return strconv.ParseFloat(string(number), 64)
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// until waits for something to become so.
func until(bound time.Duration, what string, is func() bool) error {
	for began := time.Now(); !is(); time.Sleep(time.Millisecond) {
		if time.Since(began) > bound {
			return fmt.Errorf("not within %s: %s", bound, what)
		}
	}
	return nil
}
