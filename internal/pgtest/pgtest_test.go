package pgtest

import (
	"database/sql"
	"testing"
)

// TestURL checks the two promises: a database of one's own, gone afterwards
// even when the test left a connection open.
func TestURL(t *testing.T) {
	var first string
	var left *sql.DB
	t.Run("own database", func(t *testing.T) {
		first = URL(t)
		if second := URL(t); second == first {
			t.Fatalf("two calls gave the same database %s", first)
		}
		var err error
		if left, err = sql.Open("postgres", first); err != nil {
			t.Fatal(err)
		}
		if _, err := left.Exec("CREATE TABLE t (n int)"); err != nil {
			t.Fatal(err)
		}
	})
	defer left.Close()

	db, err := sql.Open("postgres", first)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Ping(); err == nil {
		t.Errorf("%s is still there after its test ended", first)
	}
}

// TestAccents guards the server's locale: under plain "C" PostgreSQL would not
// fold the case of accented letters, and search tests would pass or fail by machine.
func TestAccents(t *testing.T) {
	db, err := sql.Open("postgres", URL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var lower string
	if err := db.QueryRow("SELECT lower('ÉTÉ')").Scan(&lower); err != nil {
		t.Fatal(err)
	}
	if lower != "été" {
		t.Errorf("lower('ÉTÉ') = %q, want été", lower)
	}
}
