package helpdesk_test

import (
	"testing"

	"guichet/helpdesk"
	"guichet/store"
)

func TestWhatTicketsAreCalled(t *testing.T) {
	c := &helpdesk.Catalog{Queues: []helpdesk.Queue{{Key: "support"}, {Key: "emm", Prefix: "EMM-"}, {Key: "sales", Prefix: "B2b-"}}}
	for queue, want := range map[string]string{"support": "#1042", "emm": "EMM-1042", "sales": "B2b-1042", "": "#1042", "gone": "#1042"} {
		if got := c.NameOf(store.Ticket{ID: 1042, Queue: queue}); got != want {
			t.Errorf("in %q it is called %q", queue, got)
		}
	}
	for word, want := range map[string]store.TicketID{
		"1042": 1042, "#1042": 1042, "EMM-1042": 1042, "emm-1042": 1042, "#Emm-1042": 1042, "b2b-7": 7, "B2B-7": 7, "9223372036854775807": 1<<63 - 1,
		"": 0, "#": 0, "0": 0, "EMM-0": 0, "-1": 0, "+5": 0, "##1": 0, "EMM-": 0, "EMM": 0, "EMM1042": 0, "EMM--1": 0, "EMM-+1": 0, "EMM-EMM-1": 0, "SUP-1": 0,
		"1042x": 0, "1 042": 0, "9223372036854775808": 0, "１０４２": 0,
	} {
		if got, ok := c.ParseName(word); got != want && ok || ok != (want != 0) {
			t.Errorf("%q is %d, %v", word, got, ok)
		}
	}
}
