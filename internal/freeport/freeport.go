// Package freeport finds loopback ports for servers that start later, or again and again on the same one. A port that the
// system chose and that was given back ("127.0.0.1:0") may meanwhile become the near end of anybody's connection; these
// lie below those that it gives to connections, and no other process that asks here gets one of them.
package freeport

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
)

// Linux gives connections ports from 32768 (ip_local_port_range).
const lowest, connections = 10_000, 32_768

var (
	mu    sync.Mutex
	taken []net.Listener // names that say to other processes that a port is this one's; they go with the process
)

// Find is a port that is free, and nobody else's who asks here until this process ends.
func Find() (string, error) {
	for range 1000 {
		port := strconv.Itoa(lowest + rand.IntN(connections-lowest))
		// A name in Linux's abstract namespace: nothing is left on disk.
		name, err := net.Listen("unix", "@guichet-port-"+port)
		if err != nil {
			continue
		}
		l, err := net.Listen("tcp", "127.0.0.1:"+port)
		if err != nil {
			_ = name.Close()
			continue
		}
		_ = l.Close()
		mu.Lock()
		taken = append(taken, name)
		mu.Unlock()
		return port, nil
	}
	return "", errors.New("no port is free")
}

// Address is 127.0.0.1 with a port from [Find].
func Address() (string, error) {
	port, err := Find()
	return net.JoinHostPort("127.0.0.1", port), err
}
