package strictslack

import (
	"strconv"
	"strings"
	"testing"

	"guichet/internal/freeport"
	"guichet/internal/localslack"
)

// local-slack sends everything to every socket: beside another one the strict Slack would not be
// strict. After one another several may be there.
func TestItIsTheOnlyOne(t *testing.T) {
	t.Parallel()
	s, up := start(t)
	if _, err := Start(t.Context(), up); err == nil || !strings.Contains(err.Error(), "only one") {
		t.Errorf("a second one starts: %v", err)
	}
	must(t, s, "auth.test", nil)
	s.Close()
	s.Close()
	other, err := Start(t.Context(), up)
	if err != nil {
		t.Fatal(err)
	}
	must(t, other, "auth.test", nil)
	other.Close()
	up.Stop()
	if _, err := Start(t.Context(), up); err == nil {
		t.Error("it starts before a local-slack that has gone")
	}
}

func TestItsPort(t *testing.T) {
	t.Parallel()
	free, err := freeport.Find()
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(free)
	if err != nil {
		t.Fatal(err)
	}
	up := localslack.StartTest(t, localslack.Demo())
	s := StartTest(t, up, WithPort(port))
	must(t, s, "auth.test", nil)
	if _, err := Start(t.Context(), up, WithPort(port)); err == nil {
		t.Error("two have one port")
	}
}
