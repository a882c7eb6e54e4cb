package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"guichet/internal/pgtest"
)

// postgres is the server that "make bench" starts: what is committed there is on the disk.
type postgres struct {
	admin *url.URL // of its maintenance database
	bin   string   // where its programs are; pgbench is among them
	dir   string   // for scripts
}

func openPostgres(dir string) (*postgres, error) {
	address := os.Getenv(pgtest.Env)
	if address == "" {
		return nil, fmt.Errorf("%s is not set: run \"make bench\"", pgtest.Env)
	}
	admin, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("%s is no address", pgtest.Env)
	}
	p := &postgres{admin: admin, dir: dir}
	db, err := sql.Open("postgres", address)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var fsync string
	if err := db.QueryRow(`SELECT (SELECT setting FROM pg_config WHERE name = 'BINDIR'), current_setting('fsync')`).Scan(&p.bin, &fsync); err != nil {
		return nil, err
	}
	if fsync != "on" {
		return nil, fmt.Errorf("the server at %s has fsync off: its figures would mean nothing", pgtest.Env)
	}
	return p, nil
}

// create makes an empty database, in place of an earlier run's, and returns its address.
func (p *postgres) create(name string) (address string, err error) {
	db, err := sql.Open("postgres", p.admin.String())
	if err != nil {
		return "", err
	}
	defer db.Close()
	for _, statement := range []string{"DROP DATABASE IF EXISTS guichet_bench_" + name + " WITH (FORCE)", "CREATE DATABASE guichet_bench_" + name} {
		if _, err := db.Exec(statement); err != nil {
			return "", err
		}
	}
	return p.address(name), nil
}

// address is that of a database that create has made.
func (p *postgres) address(name string) string {
	u := *p.admin
	u.Path = "/guichet_bench_" + name
	return u.String()
}

// pgbench runs a script and returns its transactions a second, connecting not counted.
func (p *postgres) pgbench(ctx context.Context, database, script string, clients int, length ...string) (float64, error) {
	name := filepath.Join(p.dir, "script.sql")
	if err := os.WriteFile(name, []byte(script), 0o644); err != nil {
		return 0, err
	}
	args := append([]string{"-n", "-f", name, "-c", strconv.Itoa(clients), "-j", strconv.Itoa(min(clients, 2))}, length...)
	out, err := exec.CommandContext(ctx, filepath.Join(p.bin, "pgbench"), append(args, p.address(database))...).CombinedOutput()
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

// until waits for something to become so.
func until(bound time.Duration, what string, is func() bool) error {
	for began := time.Now(); !is(); time.Sleep(time.Millisecond) {
		if time.Since(began) > bound {
			return fmt.Errorf("not within %s: %s", bound, what)
		}
	}
	return nil
}
