package freeport

import (
	"net"
	"testing"
)

func TestNobodyGetsTheSame(t *testing.T) {
	t.Parallel()
	had := map[string]bool{}
	for range 200 {
		address, err := Address()
		if err != nil {
			t.Fatal(err)
		}
		if had[address] {
			t.Fatalf("%s comes twice", address)
		}
		had[address] = true
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if port := l.Addr().(*net.TCPAddr).Port; port >= connections {
			t.Errorf("%d may become a connection's", port)
		}
		_ = l.Close()
	}
}
