package main_test

import (
	"strings"
	"testing"

	"guichet/store"
)

// An operator gives a role and takes it, and proves that the log of it is whole.
func TestRolesAndTheirLog(t *testing.T) {
	t.Parallel()
	s := newSite(t, "guichet.db", someSlack(t, `{"ok":false}`))
	runs := func(code int, want string, args ...string) string {
		t.Helper()
		got, stdout, stderr := s.run(args...)
		if got != code || !strings.Contains(stdout+stderr, want) {
			t.Errorf("%v ends with %d: %s%s", args, got, stdout, stderr)
		}
		return stdout
	}
	runs(0, "the log is empty", "audit", "verify")
	db, err := store.Open(t.Context(), s.path("guichet.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Write(t.Context(), func(tx *store.Tx) error { // by Alice
		if err := openOne(t.Context(), tx); err != nil {
			return err
		}
		_, _, err := tx.AddRequest(t.Context(), store.Request{Organization: "acme", Person: 1, Source: "slack:T01ACME", Account: "U01ALICE", License: "basic", Reason: "For the LAPTOP.", State: store.RequestOpen})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	runs(0, "acme:U01ALICE is now manager of acme", "role", "grant", "acme:U01ALICE")
	runs(0, "was already", "role", "grant", "acme:U01ALICE")
	runs(0, "acme          manager  acme:U01ALICE  Alice  role grant\n", "role", "list")
	runs(1, "has no such role by", "role", "revoke", "acme:U02MARTIN")
	for _, wrong := range []string{"U01ALICE", "globex:U01ALICE", "acme:", "alice@acme.example"} {
		runs(2, "", "role", "grant", wrong)
	}
	runs(0, "is no manager of acme any more", "role", "revoke", "acme:U01ALICE")
	out := runs(0, `"act":"role.grant","detail":{"role":"manager"},"personal":{"account":"slack:T01ACME/U01ALICE","name":"Alice"},"source":"command line"}`,
		"audit", "export", "--person", "acme:U01ALICE")
	if n := strings.Count(out, `{"entry":`); n != 2 || !strings.HasPrefix(out, `{"person":1,"organization":"acme","name":"Alice",`) ||
		!strings.Contains(out, `"reason":"For the LAPTOP."`) || strings.Count(out, "\n") != 4 {
		t.Errorf("there are %d entries: %s", n, out)
	}
	runs(0, "", "audit", "export", "--person", "acme:U0NOBODY")
	runs(0, "entries blanked: 0", "audit", "forget", "--person", "acme:U0NOBODY")
	runs(0, "entries blanked: 2\nother fields blanked: 1\n", "audit", "forget", "--person", "acme:U01ALICE")
	if out := runs(0, "role.grant", "audit", "export", "--person", "acme:U01ALICE"); strings.Contains(out, `"name":"Alice"}`) || strings.Contains(out, "LAPTOP") {
		t.Errorf("it says still: %s", out)
	}
	runs(0, "acme: 0 entries in order", "audit", "verify") // nobody serves, and so nobody seals
}
