package localslack

import (
	"testing"
	"time"
)

// Eventually asks ok every 20 ms until it says yes, and fails the test after
// half a minute. A bot answers in its own time: this is how a test waits for it.
func Eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", patience, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// patience is far above what anything here takes, so that a machine with much else to do fails no test.
const patience = time.Minute
