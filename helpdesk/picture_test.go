package helpdesk_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

// pictures are those that wait to be sent. They are taken out of the outbox.
func (h *house) pictures() (ds []store.Delivery) {
	for _, d := range h.deliveries() {
		if d.Kind == helpdesk.TellPicture {
			ds = append(ds, d)
		}
	}
	h.told(0)
	slices.SortFunc(ds, func(a, b store.Delivery) int { return int(a.ID - b.ID) })
	return ds
}

// What a picture shows adds up to the figures, day by day and week by week, whenever it is looked at.
func TestAPictureShowsTheFigures(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.Desk = helpdesk.NewDesk(h.db, watched())
		resolve := func(id store.TicketID) {
			h.refresh()
			_, err := h.Do(ctx, h.ada, helpdesk.Resolve, id, store.DeskSide)
			h.check(err)
		}
		h.until("2026-11-20 12:00") // a Friday, 31 days before
		h.open(h.ann, "office")
		h.until("2026-12-14 07:00")      // an hour before what counts
		early := h.open(h.ann, "office") // is resolved within
		h.until("2026-12-15 23:30")      // a Tuesday
		late := h.open(h.ben, "office")  // half an hour before Wednesday
		h.open(h.ann, "emm")             // of another queue
		h.until("2026-12-16 00:30")      // and half an hour after
		another := h.open(h.ann, "office")
		resolve(early.ID)
		resolve(late.ID)
		h.until("2026-12-21 08:00") // a Monday
		h.refresh()
		h.told(0)

		h.check(h.SendPictures(ctx, h.ada, 7))
		h.check(h.SendPictures(ctx, h.ada, 30))
		ds := h.pictures()
		if len(ds) != 2 || ds[0].Person != h.ada.Person || ds[0].Workspace != h.ada.Source {
			t.Fatalf("to be sent: %+v", ds)
		}
		h.pass(time.Hour)
		h.open(h.ann, "office") // is not shown
		resolve(another.ID)
		p, err := h.Picture(ctx, ds[0])
		h.check(err)
		var days []string
		for _, s := range p.Steps {
			days = append(days, s.Begins.Format("Mon 2"))
		}
		same(t, "days", days, []string{"Mon 14", "Tue 15", "Wed 16", "Thu 17", "Fri 18", "Sat 19", "Sun 20", "Mon 21"})
		same(t, "by day", flowsOf(p), []store.Flow{{}, {Opened: 1}, {Opened: 1, Resolved: 2}, {}, {}, {}, {}, {}})
		same(t, "in all", [2]int{p.Part.Total.Opened, p.Part.Total.Resolved}, [2]int{2, 2})
		if p.Over || p.Unsure != "" || p.Digest || p.Account.Workspace != h.ada.Source || !p.Private {
			t.Errorf("for whom: %+v", p)
		}
		p, err = h.Picture(ctx, ds[1])
		h.check(err)
		same(t, "by week", flowsOf(p), []store.Flow{{}, {}, {}, {}, {Opened: 3, Resolved: 2}, {}})
		if !p.Weeks || p.Steps[0].Begins.Format("Mon 2 Jan") != "Mon 16 Nov" {
			t.Errorf("weeks since %v", p.Steps[0].Begins)
		}

		// A manager's is of the organization; nobody else's is sent, nor what is no business of theirs any more.
		h.check(h.SendPictures(ctx, h.max, 7))
		of := h.pictures()
		p, err = h.Picture(ctx, of[0])
		h.check(err)
		if len(of) != 1 || p.Part.Organization != h.max.Organization || p.Part.Total.Opened != 4 {
			t.Errorf("the manager: %+v", p)
		}
		for _, days := range []int{7, 8} {
			if err := h.SendPictures(ctx, h.ann, days); err == nil {
				t.Errorf("%d days are sent to an employee", days)
			}
		}
		ds[0].Person, of[0].Person = h.eve.Person, h.gus.Person
		for _, d := range []store.Delivery{ds[0], of[0]} {
			if p, err := h.Picture(ctx, d); err != nil || !p.Over || len(p.Steps) > 0 {
				t.Errorf("for somebody else: %+v, %v", p, err)
			}
		}

		// Pressed twice it is sent once.
		a := h.ada
		a.Request = "one press"
		h.check(h.SendPictures(ctx, a, 7))
		if err := h.SendPictures(ctx, a, 7); !errors.Is(err, helpdesk.ErrDuplicate) {
			t.Errorf("once more: %v", err)
		}
		if n := len(h.pictures()); n != 1 {
			t.Errorf("%d are sent", n)
		}
		for _, lane := range []string{"", "picture/queue/support/7", "picture/queue/gone/7/1/1", "1042/desk", "picture/queue/support/x/1/1"} {
			if _, err := h.Picture(ctx, store.Delivery{Lane: lane}); err == nil {
				t.Errorf("%q has a picture", lane)
			}
		}
	})
}

func flowsOf(p helpdesk.Picture) (fs []store.Flow) {
	for _, s := range p.Steps {
		fs = append(fs, s.Flow)
	}
	return fs
}

// A weekly digest has its picture behind it, of the same figures; where files are not carried it has none.
func TestADigestHasItsPicture(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		kinds := func(off bool) (ks []string, ds []store.Delivery) {
			c := watched()
			c.Queues[0].Daily.Schedule, c.Queues[0].Weekly.Schedule, c.Files.Off = "0 9 * * *", "0 9 * * 1", off
			h.Desk = helpdesk.NewDesk(h.db, c)
			h.tick(3)
			for _, d := range h.deliveries() {
				if d.Kind == helpdesk.TellDigest || d.Kind == helpdesk.TellPicture {
					ks, ds = append(ks, d.Kind), append(ds, d)
				}
			}
			h.told(0)
			return ks, ds
		}
		h.until("2026-11-23 08:00") // a Monday
		h.open(h.ann, "office")
		kinds(false)
		h.pass(time.Hour)
		ks, ds := kinds(false)
		slices.Sort(ks)
		same(t, "told", ks, []string{helpdesk.TellDigest, helpdesk.TellDigest, helpdesk.TellPicture})
		h.pass(9 * 24 * time.Hour) // nobody could be told for that long
		h.refresh()
		var picture helpdesk.Picture
		var digest helpdesk.Digest
		var lanes []string
		for _, d := range ds {
			switch g, err := h.Digest(ctx, d); {
			case err != nil:
				t.Fatal(err)
			case d.Kind == helpdesk.TellPicture:
				picture, err = h.Picture(ctx, d)
				h.check(err)
				lanes = append(lanes, d.Lane)
			case g.Sort == helpdesk.Weekly:
				digest, lanes = g, append(lanes, d.Lane)
			}
		}
		same(t, "figures", picture.Part, digest.Stats.Parts[0])
		if picture.Part.Total.Opened != 1 || !picture.Digest || picture.Over || !picture.Private || picture.Channel == "" || lanes[0] != lanes[1] {
			t.Errorf("%q: %+v", lanes, picture)
		}
		kinds(true)
		h.pass(12 * 24 * time.Hour)
		ks, _ = kinds(true)
		same(t, "without files", ks, []string{helpdesk.TellDigest, helpdesk.TellDigest})
	})
}
