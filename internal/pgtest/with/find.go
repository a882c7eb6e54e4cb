package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// findServer returns a folder that holds both initdb and postgres, installing
// the server first where that is possible without asking anybody.
func findServer(ctx context.Context) (string, error) {
	if dir := lookForServer(ctx); dir != "" {
		return dir, nil
	}
	if err := installServer(ctx); err != nil {
		return "", err
	}
	if dir := lookForServer(ctx); dir != "" {
		return dir, nil
	}
	return "", errors.New("the package postgresql is installed, but no initdb with postgres beside it was found")
}

func lookForServer(ctx context.Context) string {
	var dirs []string
	if path, err := exec.LookPath("initdb"); err == nil {
		// Often a link into the folder where the other programs are.
		if real, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	// Debian keeps the programs of each major version apart, outside PATH.
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(debian, func(a, b string) int { return majorVersion(b) - majorVersion(a) })
	dirs = append(dirs, debian...)
	dirs = append(dirs, "/usr/local/pgsql/bin")

	for _, dir := range dirs {
		if executable(filepath.Join(dir, "initdb")) && executable(filepath.Join(dir, "postgres")) {
			return dir
		}
	}
	return ""
}

// majorVersion reads 15 out of /usr/lib/postgresql/15/bin.
func majorVersion(bin string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	return n
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

func installServer(ctx context.Context) error {
	apt, err := exec.LookPath("apt-get")
	if err != nil || os.Getuid() != 0 {
		return errors.New("PostgreSQL is not installed: install its server " +
			"(Debian and Ubuntu: sudo apt-get install postgresql), " +
			"or set GUICHET_TEST_POSTGRES to the postgres:// address of a server where tests may create databases")
	}
	fmt.Fprintln(os.Stderr, "with: installing PostgreSQL")
	for _, args := range [][]string{
		{"update", "-q"},
		{"install", "-y", "-q", "--no-install-recommends", "postgresql"},
	} {
		cmd := exec.CommandContext(ctx, apt, args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		// Standard output belongs to the command that this program runs.
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("apt-get %s: %w", args[0], err)
		}
	}
	return nil
}
