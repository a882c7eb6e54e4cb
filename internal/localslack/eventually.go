package localslack

import (
	"testing"
	"time"
)

// Eventually asks ok again and again until it says yes, and fails the test after
// a minute. A bot answers in its own time: this is how a test waits for it. The longer
// it takes, the more seldom it is asked: asking is work too, for the same machine.
func Eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for began := time.Now(); !ok(); {
		waited := time.Since(began)
		if waited > patience {
			t.Fatalf("not within %v: %s", patience, what)
		}
		time.Sleep(min(10*time.Millisecond+waited/8, 250*time.Millisecond))
	}
}

// patience is far above what anything here takes, so that a machine with much else to do fails no test.
const patience = time.Minute
