package helpdesk_test

import (
	"strings"
	"testing"

	"guichet/helpdesk"
	"guichet/store"
)

func TestWhichFilesAreRefused(t *testing.T) {
	rules := helpdesk.Files{Largest: 1000, Refuse: []string{"exe", "js"}}
	png := "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
	for _, c := range []struct {
		name   string
		size   int64
		begins string
		want   string
	}{
		{"a.txt", 1000, "", ""},
		{"a.txt", 1001, "", helpdesk.FileTooLarge},
		{"a.exe", 1, "", helpdesk.FileBadType},
		{"a.EXE", 1, "", helpdesk.FileBadType},
		{"a.png.Js", 1, "", helpdesk.FileBadType},
		{"exe", 1, "", ""},
		{"a.png", 1, png, ""},
		{"a.PNG", 1, "<html>", helpdesk.FileBadType},
		{"a.png", 1, "MZ\x90\x00\x03", helpdesk.FileBadType},
		{"a.pdf", 1, "MZ\x90\x00\x03", helpdesk.FileBadType},
		{"a", 1, "\x7fELF\x02\x01\x01\x00", helpdesk.FileBadType},
		{"run.txt", 1, "#!/bin/sh\nrm -rf", helpdesk.FileBadType},
		{"a.txt", 1, "plain words", ""},
		{"a.csv", 1, "a;b;c", ""},
	} {
		if got := rules.Check(c.name, c.size, []byte(c.begins)); got != c.want {
			t.Errorf("%s of %d bytes, which begins %q: %q, want %q", c.name, c.size, c.begins, got, c.want)
		}
	}
	if got := (helpdesk.Files{Off: true, Largest: 1000}).Check("a.txt", 1, nil); got != helpdesk.FilesOff {
		t.Errorf("turned off: %q", got)
	}
	if wrong, _ := rules.CheckAll(make([]helpdesk.FileRef, helpdesk.MostFiles+1)); wrong != helpdesk.FileTooMany {
		t.Errorf("too many: %q", wrong)
	}
	if wrong, which := rules.CheckAll([]helpdesk.FileRef{{Name: "a.txt"}, {Name: "b.exe"}}); wrong != helpdesk.FileBadType || which.Name != "b.exe" {
		t.Errorf("one of two: %q, %+v", wrong, which)
	}
}

// fetched fetches the files of a ticket that are due, as the relay does, and says who is told then.
func (h *house) fetched(ticket store.Ticket, f func(store.File) store.File) string {
	h.t.Helper()
	for _, d := range h.deliveries() {
		if d.Kind != helpdesk.TellFetch || d.Ticket != ticket.ID {
			continue
		}
		file, err := h.FileToFetch(h.t.Context(), d.File)
		h.check(err)
		for range 2 { // by two workers: once is enough
			h.check(h.Fetched(h.t.Context(), f(file)))
		}
	}
	return h.told(ticket.ID)
}

func TestWhoGetsAFile(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.Catalog().Files = helpdesk.Files{Largest: 1000, Refuse: []string{"exe"}}
		ticket := h.into(h.open(h.ann, "office"), helpdesk.Open)
		h.link(ticket)
		kept := func(f store.File) store.File {
			f.State, f.Blob = store.FileKept, "key"
			return f
		}
		gone := func(f store.File) store.File {
			f.State, f.Reason = store.FileRefused, helpdesk.FileGone
			return f
		}
		n := 0
		send := func(a helpdesk.Actor, side, text, name string) {
			t.Helper()
			n++
			h.told(ticket.ID)
			p := h.post(ticket, side, strings.Repeat("f", n), text)
			p.Files = []helpdesk.FileRef{{ID: "F1", Name: name, Size: 3}}
			_, err := h.Hear(t.Context(), a, "account", p)
			h.check(err)
		}
		send(h.ada, store.DeskSide, "Look", "a.txt")
		same(t, "a reply's", h.fetched(ticket, kept), "requester: file")
		send(h.ada, store.DeskSide, "note: look", "a.txt")
		same(t, "a note's", h.fetched(ticket, kept), "")
		send(h.ann, store.RequesterSide, "", "a.txt")
		same(t, "the requester's, without words", h.fetched(ticket, kept), "desk: file")
		send(h.ann, store.RequesterSide, "Look", "a.txt")
		same(t, "one that is gone", h.fetched(ticket, gone), "desk: nofile; requester: nofile")
		send(h.ada, store.DeskSide, "note: look", "a.txt")
		same(t, "a note's that is gone", h.fetched(ticket, gone), "desk: nofile")
		send(h.ann, store.RequesterSide, "Look", "a.exe")
		same(t, "one that is refused at once", h.told(ticket.ID), "desk: nofile message; requester: nofile")

		// Only who may write may send.
		for name, who := range map[string]helpdesk.Actor{"colleague": h.ben, "agent of another queue": h.eve, "elsewhere": h.gus} {
			n++
			p := h.post(ticket, store.RequesterSide, strings.Repeat("f", n), "Look")
			p.Files = []helpdesk.FileRef{{ID: "F1", Name: "a.txt"}}
			_, err := h.Hear(t.Context(), who, "account", p)
			refused(t, name, err, helpdesk.UnknownTicket)
		}
		same(t, "told of none of it", h.told(ticket.ID), "")

		// Files of a form stand in no thread yet: both sides get them.
		_, err := h.Say(t.Context(), h.ann, ticket.ID, store.RequesterSide, helpdesk.Public, "", "form", helpdesk.FileRef{ID: "F2", Name: "b.txt"})
		h.check(err)
		same(t, "a form's", h.fetched(ticket, kept), "desk: file; requester: file")
	})
}
