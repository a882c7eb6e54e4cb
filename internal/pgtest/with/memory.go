package main

import "golang.org/x/sys/unix"

// inMemory is a folder that Linux keeps in memory. Tests commit more than anything else, and nothing of it has to last.
const inMemory = "/dev/shm"

// enough is how much room it must have, in bytes, to be used: what is built and stored in a whole run of the tests, four times.
const enough = 8 << 30

// temporary is where the server, and the tests, keep what they have: in memory, if there is room, and programs may be run there.
func temporary(durable bool) string {
	var fs unix.Statfs_t
	if durable || unix.Statfs(inMemory, &fs) != nil || fs.Bavail*uint64(fs.Bsize) < enough || fs.Flags&unix.ST_NOEXEC != 0 {
		return "/tmp"
	}
	return inMemory
}
