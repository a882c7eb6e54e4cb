// Command with runs another command beside a throw-away PostgreSQL server:
//
//	go run guichet/internal/pgtest/with -- go test ./...
//
// With -durable before the two dashes the server writes what is committed to the disk, as one that
// serves people does: that is for measuring.
//
// The command finds the server's address in GUICHET_TEST_POSTGRES. When that
// is set already, the command simply runs with it. The server and its data are
// gone when the command ends, however it ends. Unless it is durable, both it and the command's temporary files are kept in
// memory, where there is room. Linux only.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"guichet/internal/pgtest"
)

// The kernel sends a child its "parent died" signal when the thread that
// started it ends. Staying on the main thread makes that the end of this process.
func init() { runtime.LockOSThread() }

func main() {
	args := os.Args[1:]
	durable := len(args) > 0 && args[0] == "-durable"
	if durable {
		args = args[1:]
	}
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, "usage: with [-durable] [--] command [argument ...]")
		os.Exit(2)
	}
	code, err := run(args, durable)
	if err != nil {
		fmt.Fprintln(os.Stderr, "with:", err)
	}
	os.Exit(code)
}

// run returns the exit code of this process.
func run(args []string, durable bool) (int, error) {
	path, err := exec.LookPath(args[0])
	if err != nil {
		return 127, err
	}
	if os.Getenv(pgtest.Env) != "" {
		return 126, syscall.Exec(path, args, os.Environ())
	}

	// "go run" does not pass SIGTERM on, and cannot pass on SIGKILL: its death
	// is then the only sign that this process should end too.
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGTERM), 0, 0, 0); err != nil {
		return 1, err
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, stopSignals...)
	starting, done := signal.NotifyContext(context.Background(), stopSignals...)
	defer done()

	bin, err := findServer(starting)
	if err != nil {
		return 1, err
	}
	srv, err := startServer(starting, bin, durable)
	if err != nil {
		return 1, err
	}
	defer srv.stop()
	environ := []string{pgtest.Env + "=" + srv.address}
	if _, set := os.LookupEnv("TMPDIR"); !set {
		environ = append(environ, "TMPDIR="+temporary(durable))
	}
	return runCommand(path, args, environ, signals)
}

var stopSignals = []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}

// runCommand runs the command in a process group of its own, so that a signal
// also reaches the test binaries that "go test" started, and reaches them once.
func runCommand(path string, args, environ []string, signals <-chan os.Signal) (int, error) {
	cmd := exec.Command(path, args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), environ...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		return 126, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()

	for interrupted := false; ; {
		select {
		case s := <-signals:
			interrupted = true
			// The group may be gone already: then there is nobody left to tell.
			_ = syscall.Kill(-cmd.Process.Pid, s.(syscall.Signal))
		case err := <-ended:
			if interrupted {
				_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			}
			return exitCode(err)
		}
	}
}

// exitCode turns the way a command ended into an exit code as a shell does.
func exitCode(err error) (int, error) {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		if err != nil {
			return 1, err
		}
		return 0, nil
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return exit.ExitCode(), nil
}
