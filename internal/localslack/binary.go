// Package localslack runs local-slack, a stand-in for Slack, for tests.
//
// local-slack is a program of its own, not ours: it serves the Web API, Socket
// Mode, signed HTTP events, modals and the home view from memory. This package
// starts it (Server), plays the people of the workspace (Server's methods and
// Page) and reads back what they would see (Message, View).
//
// It checks far less than Slack does. No Block Kit limit, no token, no scope
// and no rate: a green test here says nothing about those. It also listens on
// every interface, so it is for one's own machine only. Linux on amd64 only.
package localslack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
)

const (
	npmPackage = "local-slack-linux-x64"
	npmVersion = "0.1.8"
)

// Binary returns the path of the local-slack program, installing it with npm
// into .tools beside go.mod when it is not there yet. GUICHET_LOCAL_SLACK
// names another one.
func Binary(ctx context.Context) (string, error) {
	if path := os.Getenv("GUICHET_LOCAL_SLACK"); path != "" {
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("GUICHET_LOCAL_SLACK: %w", err)
		}
		return path, nil
	}
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return "", fmt.Errorf("local-slack is installed for linux/amd64 only, not %s/%s: set GUICHET_LOCAL_SLACK to a program that runs here",
			runtime.GOOS, runtime.GOARCH)
	}
	root, err := repoRoot()
	if err != nil {
		return "", err
	}
	tools := filepath.Join(root, ".tools")
	if err := os.MkdirAll(tools, 0o755); err != nil {
		return "", err
	}

	// "go test ./..." runs several packages at once. Even looking needs the
	// lock: another process may be halfway through writing the file.
	unlock, err := lock(filepath.Join(tools, "local-slack.lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	dir := filepath.Join(tools, "node_modules", npmPackage)
	path := filepath.Join(dir, "bin", "local-slack")
	if installedVersion(dir) == npmVersion {
		return path, nil
	}
	if err := install(ctx, tools); err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("npm installed %s, but not its program: %w", npmPackage, err)
	}
	return path, nil
}

func install(ctx context.Context, prefix string) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return errors.New("npm is needed once, to install local-slack: install Node.js with npm " +
			"(Debian and Ubuntu: sudo apt-get install npm), or set GUICHET_LOCAL_SLACK to the program")
	}
	cmd := exec.CommandContext(ctx, npm, "install", "--prefix", prefix,
		"--no-audit", "--no-fund", "--no-save", npmPackage+"@"+npmVersion)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("npm install %s@%s: %w\n%s", npmPackage, npmVersion, err, out)
	}
	return nil
}

// installedVersion is empty when the package is not there.
func installedVersion(dir string) string {
	text, err := os.ReadFile(filepath.Join(dir, "package.json"))
	if err != nil {
		return ""
	}
	var pkg struct{ Version string }
	if err := json.Unmarshal(text, &pkg); err != nil {
		return ""
	}
	return pkg.Version
}

// repoRoot is the nearest folder with a go.mod, from the working directory up:
// "go test" runs each test in its package's folder.
func repoRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod in the working directory or above: run this inside the checkout")
		}
		dir = parent
	}
}

// lock waits until no other process holds the file. The kernel lets go of it
// when a process dies, so a killed test never blocks the next one.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}
