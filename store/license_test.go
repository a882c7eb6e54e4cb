package store_test

import (
	"errors"
	"math/rand/v2"
	"sync"
	"testing"

	"guichet/store"
	"guichet/store/storetest"
)

// Whatever is moved at once, by whomever, there are never fewer licenses ordered than activated, fewer activated than assigned, or
// fewer than none; and what there is is what was moved.
func TestLicensesStayInOrder(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		licenses := []string{"office", "storage"}
		var refused, moved sync.Map
		var all sync.WaitGroup
		for who := range 6 {
			random := rand.New(rand.NewPCG(seed, uint64(who)))
			all.Go(func() {
				for range 40 {
					m := store.Movement{Organization: "acme", License: licenses[random.IntN(2)], Act: "test",
						Counts: store.Counts{Ordered: random.Int64N(9) - 3, Activated: random.Int64N(7) - 3, Assigned: random.Int64N(7) - 3}}
					var h store.Holding
					err := db.Write(t.Context(), func(tx *store.Tx) (err error) {
						h, err = tx.Move(t.Context(), m)
						return err
					})
					if h.Ordered < h.Activated || h.Activated < h.Assigned || h.Assigned < 0 {
						t.Errorf("after %+v there is %+v", m, h)
					}
					switch {
					case errors.Is(err, store.ErrTooFew):
						refused.Store(m, true)
					case err != nil:
						t.Error(err)
					default:
						moved.Store(m, true)
					}
				}
			})
		}
		all.Wait()
		tx := func(f func(*store.Tx) error) {
			t.Helper()
			if err := db.Read(t.Context(), f); err != nil {
				t.Fatal(err)
			}
		}
		for _, license := range licenses {
			tx(func(tx *store.Tx) error {
				h, err := tx.Holding(t.Context(), "acme", license)
				if err != nil {
					return err
				}
				ms, err := tx.Movements(t.Context(), "acme", license, 0, 1000)
				var sum store.Counts
				for i, m := range ms {
					sum.Ordered, sum.Activated, sum.Assigned = sum.Ordered+m.Ordered, sum.Activated+m.Activated, sum.Assigned+m.Assigned
					if m.Seq != h.Seq-int64(i) {
						t.Errorf("movement %d from the end of %s has the number %d of %d", i, license, m.Seq, h.Seq)
					}
				}
				if sum != h.Counts || h.Seq != int64(len(ms)) {
					t.Errorf("of %s there is %+v, and %d movements come to %+v", license, h, len(ms), sum)
				}
				return err
			})
		}
		if size(&refused) == 0 || size(&moved) == 0 {
			t.Errorf("seed %d has moved %d, and %d were refused: it proves nothing", seed, size(&moved), size(&refused))
		}
		tx(func(tx *store.Tx) error {
			hs, err := tx.Holdings(t.Context(), "acme")
			if len(hs) != 2 {
				t.Errorf("of these there are %+v", hs)
			}
			other, err2 := tx.Holding(t.Context(), "globex", "office")
			if other.Counts != (store.Counts{}) {
				t.Errorf("another organization has %+v", other)
			}
			return errors.Join(err, err2)
		})
	})
}

func size(m *sync.Map) (n int) {
	m.Range(func(any, any) bool { n++; return true })
	return n
}

// Of two who want the last one, one gets it.
func TestTheLastLicenseIsAssignedOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		move := func(c store.Counts) (h store.Holding, err error) {
			err = db.Write(t.Context(), func(tx *store.Tx) error {
				h, err = tx.Move(t.Context(), store.Movement{Organization: "acme", License: "office", Act: "test", Counts: c})
				return err
			})
			return h, err
		}
		if _, err := move(store.Counts{Ordered: 1, Activated: 1}); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			all.Go(func() {
				var h store.Holding
				if h, errs[i] = move(store.Counts{Assigned: 1}); h.Counts != (store.Counts{Ordered: 1, Activated: 1, Assigned: 1}) {
					t.Errorf("one is told of %+v", h)
				}
			})
		}
		all.Wait()
		got := 0
		for _, err := range errs {
			if err == nil {
				got++
			} else if !errors.Is(err, store.ErrTooFew) {
				t.Error(err)
			}
		}
		if got != 1 {
			t.Errorf("%d got it", got)
		}
	})
}
