// Command demo lets a person try guichet on their own machine, with nothing to sign up for: it
// runs bin/guichet beside a local Slack until Ctrl-C. `make demo` builds what it needs and
// starts it from the top of the checkout; `demo reset` forgets what it stored. Linux only.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"guichet/internal/localslack"
	"guichet/internal/strictslack"
)

const (
	config   = "internal/demo/guichet.yaml" // names the ports and files below too
	estates  = "internal/demo/estates.csv"
	invoices = ".demo/invoices"
	data     = ".demo"
	database = ".demo/guichet.db"
	logFile  = ".demo/guichet.log"

	slackPort   = 3911
	strictPort  = 3912
	guichetPort = 8911
)

func main() {
	// What ties the children's lives to ours is tied to the thread that starts them: this one.
	runtime.LockOSThread()
	// And ours to make's, should that be killed.
	_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_PDEATHSIG, uintptr(syscall.SIGTERM), 0)

	err := portsFree()
	switch {
	case err != nil:
	case len(os.Args) == 1:
		err = run()
	case len(os.Args) == 2 && os.Args[1] == "reset":
		err = os.RemoveAll(data)
	default:
		err = errors.New("usage: demo [reset]")
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "demo: %v\n", err)
		os.Exit(1)
	}
}

// portsFree fails when a port is taken, most likely by a demo that runs already.
func portsFree() error {
	// The local Slack listens on all interfaces, the others on one.
	for _, address := range []string{fmt.Sprintf(":%d", slackPort), fmt.Sprintf("127.0.0.1:%d", strictPort), fmt.Sprintf("127.0.0.1:%d", guichetPort)} {
		l, err := net.Listen("tcp", address)
		if errors.Is(err, syscall.EADDRINUSE) {
			return fmt.Errorf("%s is taken: is a demo running already? If not, see what listens there (ss -ltnp) and stop it", address)
		}
		if err != nil {
			return err
		}
		l.Close()
	}
	return nil
}

func run() error {
	ctx, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer release()
	_, err := os.Stat(database)
	returning := !errors.Is(err, fs.ErrNotExist)
	err = serve(ctx, release, returning)
	switch {
	case ctx.Err() != nil: // asked to stop, at whatever point
		return nil
	case err != nil && returning:
		return fmt.Errorf("%w\nIf the tickets of the last time are the cause, make demo-reset forgets them", err)
	}
	return err
}

// serve runs both programs until ctx ends or one of them does.
func serve(ctx context.Context, release func(), returning bool) error {
	if err := os.MkdirAll(data, 0o755); err != nil {
		return err
	}
	fmt.Println("Starting a local Slack (the first time, npm installs it) and guichet…")
	slack, err := localslack.Start(ctx, localslack.Demo(), localslack.WithPort(slackPort))
	if err != nil {
		return err
	}
	defer slack.Stop()
	// What real Slack would refuse is refused here too: the demo shows nothing that would not work there.
	strict, err := strictslack.Start(ctx, slack, strictslack.WithPort(strictPort))
	if err != nil {
		return err
	}
	defer strict.Close()
	desk, err := startGuichet(slack.Config.App)
	if err != nil {
		return err
	}
	defer desk.stop() // before the Slack that it talks to
	if err := desk.waitReady(ctx); err != nil {
		return err
	}
	if returning {
		// The local Slack forgets; guichet doesn't. This posts the cards of open tickets again.
		err = desk.run(ctx, "refresh")
	} else {
		err = begin(ctx, desk)
	}
	if err != nil {
		return err
	}
	welcome(slack.URL, returning)

	select {
	case <-ctx.Done():
		release() // a second Ctrl-C doesn't wait
		fmt.Println("\nStopping. Your tickets stay in " + data + "/ for the next time.")
		return nil
	case <-desk.ended:
		return desk.died()
	case <-slack.Ended():
		return fmt.Errorf("the local Slack has ended by itself. Its last words:\n%s", lastLines(slack.Output()))
	}
}

// begin gives the manager something to look at.
func begin(ctx context.Context, desk *guichet) error {
	if err := desk.run(ctx, "import", "licenses", estates); err != nil {
		return err
	}
	if err := writeInvoices(invoices, time.Now()); err != nil {
		return err
	}
	return desk.run(ctx, "import", "invoices", "--dir", invoices)
}

func welcome(url string, returning bool) {
	fmt.Printf(`
guichet is running. Open %s

"Act as", at the top right, chooses who you are. Four things to try:

  1. As Alice Martin, an employee: type /ticket in #general, answer both steps, Send.
  2. As Nadia Benali, an agent: open #support and press Take on the ticket's card. Open the card's
     thread (the speech bubble at its right) and write an answer, which goes out after ten
     seconds: till then Undo takes it back. Then a line that begins with note: stays among
     the agents.
  3. As Alice again: open "Alice Martin" below "Direct messages", which is her conversation with
     guichet. The answer is in her ticket's thread; write back there, and Nadia sees it in hers.
  4. As Martin Dupont, the manager: type /ticket list in #general, /ticket with a number, /license, and
     /invoice, whose answers come to "Martin Dupont" below "Direct messages".

This local Slack is a stand-in: it listens on all of this machine's network interfaces, and shows
everything to everybody, even what it marks "only visible to you". Those are its limits, not
guichet's. It also forgets everything when it stops, and shows a field for files as [file_input].
Below "Apps" is guichet's Home: what waits for whoever you act as.

`, url)
	if returning {
		fmt.Println("Tickets left open the last time have their cards again; /ticket with a number shows what was said.")
	}
	fmt.Printf("Tickets are kept in %s/ (make demo-reset forgets them), guichet's log is %s.\nCtrl-C stops both.\n", data, logFile)
}
