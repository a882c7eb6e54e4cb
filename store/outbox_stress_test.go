package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"guichet/store"
	"guichet/store/storetest"
)

// stress is an outbox with several copies of the program at work on it, each with its own
// connections, and a deadline: whatever hangs fails.
type stress struct {
	*outbox
	copies  []*store.DB
	tickets []store.Ticket
	random  func() *rand.Rand // one for each goroutine

	ctx  context.Context
	stop context.CancelCauseFunc
}

func eachStress(t *testing.T, test func(t *testing.T, s *stress)) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	eachOutbox(t, func(t *testing.T, o *outbox) {
		s := &stress{outbox: o, copies: []*store.DB{o.DB}}
		if !isSQLite(o) { // whose one file serves one copy
			s.copies = append(s.copies, storetest.Open(t, o.address))
		}
		for i := range 3 {
			s.tickets = append(s.tickets, addTicket(t, o.DB, o.ticket.Requester, fmt.Sprint("stress ", i)))
		}
		var mu sync.Mutex
		stream := uint64(0)
		s.random = func() *rand.Rand {
			mu.Lock()
			defer mu.Unlock()
			stream++
			return rand.New(rand.NewPCG(seed, stream))
		}
		late, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		s.ctx, s.stop = context.WithCancelCause(late)
		defer s.stop(nil)
		test(t, s)
		if err := context.Cause(s.ctx); err != nil {
			t.Error(err)
		}
	})
}

// write is a transaction of one copy. Its failure ends the test.
func (s *stress) write(db *store.DB, f func(*store.Tx) error) {
	err := db.Write(s.ctx, f)
	if err != nil && s.ctx.Err() == nil {
		s.stop(err)
	}
}

// lanesKept checks, at one moment, that the head of every conversation can be claimed sooner or
// later, and that nothing else can.
func (s *stress) lanesKept() {
	rows, err := s.raw.QueryContext(s.ctx, `SELECT lane FROM outbox o
		WHERE (visible_at IS NULL) = (id = (SELECT MIN(id) FROM outbox i WHERE i.lane = o.lane))`)
	if err != nil {
		if s.ctx.Err() == nil {
			s.stop(err)
		}
		return
	}
	defer rows.Close()
	for rows.Next() {
		var lane string
		if err := rows.Scan(&lane); err == nil && s.ctx.Err() == nil {
			s.stop(fmt.Errorf("conversation %s has no head, or two", lane))
		}
	}
}

// work claims and finishes deliveries until ctx ends, as a relay does.
func (s *stress) work(ctx context.Context, db *store.DB, finish func(store.Delivery)) {
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	for ctx.Err() == nil {
		var ds []store.Delivery
		s.write(db, func(tx *store.Tx) (err error) {
			ds, err = tx.Claim(s.ctx, "w", 2, time.Minute)
			return err
		})
		for _, d := range ds {
			finish(d)
		}
		if len(ds) == 0 {
			select {
			case <-db.Wakes("w"):
			case <-poll.C:
			case <-ctx.Done():
			}
		}
	}
}

// Every conversation is always about to run dry: its next delivery is put in while its last one is
// taken out. The race between the two must never leave one behind that nobody sees.
func TestAConversationThatRunsDryIsNeverLeftBehind(t *testing.T) {
	eachStress(t, func(t *testing.T, s *stress) {
		const rounds = 40
		type lane struct {
			ticket store.Ticket
			next   chan int
			got    []int
		}
		all := map[string]*lane{}
		var mu sync.Mutex
		held := map[store.DeliveryID]bool{}
		left := 0
		for _, ticket := range s.tickets {
			for _, side := range []string{"desk", "requester"} { // two conversations under one lock
				all[fmt.Sprintf("%d/%s", ticket.ID, side)] = &lane{ticket: ticket, next: make(chan int, rounds)}
				left += rounds
			}
		}
		working, finished := context.WithCancel(s.ctx)
		defer finished()
		var running sync.WaitGroup
		i := 0
		for name, l := range all {
			db := s.copies[i%len(s.copies)]
			i++
			running.Go(func() {
				for {
					select {
					case <-working.Done():
						return
					case n := <-l.next:
						s.write(db, func(tx *store.Tx) error {
							if _, err := tx.LockTicket(s.ctx, l.ticket.ID); err != nil {
								return err
							}
							return tx.Enqueue(s.ctx, store.Delivery{Lane: name, Ticket: l.ticket.ID, Workspace: "w", Kind: "message", Part: n})
						})
					}
				}
			})
			l.next <- 0
		}
		for i := range 6 {
			db, random := s.copies[i%len(s.copies)], s.random()
			running.Go(func() {
				s.work(working, db, func(d store.Delivery) {
					l := all[d.Lane]
					mu.Lock()
					if held[d.ID] {
						s.stop(fmt.Errorf("delivery %d was handed out twice", d.ID))
					}
					held[d.ID] = true
					mu.Unlock()
					outcome := random.IntN(10)
					if outcome == 0 {
						mu.Lock()
						delete(held, d.ID)
						mu.Unlock()
						s.write(db, func(tx *store.Tx) error { return tx.Retry(s.ctx, d, 0, store.Failure{Error: "again"}) })
						return
					}
					mu.Lock()
					l.got = append(l.got, d.Part)
					left--
					mu.Unlock()
					if d.Part+1 < rounds {
						l.next <- d.Part + 1 // at the same time as what follows
					}
					s.write(db, func(tx *store.Tx) error {
						if outcome == 1 {
							return tx.Park(s.ctx, d, store.Failure{Error: "bad"})
						}
						return done(s.ctx, tx, d)
					})
					mu.Lock()
					if left == 0 {
						finished()
					}
					mu.Unlock()
				})
			})
		}
		for working.Err() == nil {
			s.lanesKept()
		}
		running.Wait()
		for name, l := range all {
			for i, n := range l.got {
				if i != n {
					t.Fatalf("%s was told in the order %v", name, l.got)
				}
			}
			if len(l.got) != rounds && s.ctx.Err() == nil {
				t.Errorf("%s was told %d of %d", name, len(l.got), rounds)
			}
		}
		if s.ctx.Err() != nil {
			t.Errorf("%d were not delivered: %+v", left, s.outbox.rows())
		}
	})
}

// rows is what the outbox holds, for a message about what went wrong.
func (o *outbox) rows() (out []string) {
	rows, err := o.raw.Query(`SELECT id, lane, COALESCE(visible_at, 0), claims FROM outbox ORDER BY id`)
	if err != nil {
		return []string{err.Error()}
	}
	defer rows.Close()
	for rows.Next() {
		var id, visible, claims int64
		var lane string
		if err := rows.Scan(&id, &lane, &visible, &claims); err == nil {
			out = append(out, fmt.Sprintf("%d in %s, visible at %d, claims %d", id, lane, visible, claims))
		}
	}
	return out
}

// Changes of tickets, deliveries and pauses take locks in the same few tables: none may ever end
// in the other's way.
func TestChangesDeliveriesAndPausesNeverDeadlock(t *testing.T) {
	eachStress(t, func(t *testing.T, s *stress) {
		const changes = 12
		working, finished := context.WithCancel(s.ctx)
		defer finished()
		var workers, changers sync.WaitGroup
		for i := range 4 {
			db, random := s.copies[i%len(s.copies)], s.random()
			workers.Go(func() {
				s.work(working, db, func(d store.Delivery) {
					if random.IntN(3) > 0 {
						s.write(db, func(tx *store.Tx) error { return done(s.ctx, tx, d) })
						return
					}
					// The platform is busy: as the relay notes it.
					s.write(db, func(tx *store.Tx) error {
						return tx.Pause(s.ctx, "w", time.Duration(random.IntN(3))*time.Millisecond)
					})
					s.write(db, func(tx *store.Tx) error { return tx.Retry(s.ctx, d, time.Millisecond, store.Failure{Error: "busy"}) })
				})
			})
		}
		for i, ticket := range s.tickets {
			for c := range 2 {
				db, random := s.copies[(i+c)%len(s.copies)], s.random()
				changers.Go(func() {
					for range changes {
						s.write(db, func(tx *store.Tx) error {
							if _, err := tx.LockTicket(s.ctx, ticket.ID); err != nil {
								return err
							}
							for _, side := range random.Perm(2) {
								lane := fmt.Sprintf("%d/%d", ticket.ID, side)
								for _, key := range []string{"card:" + lane, ""} {
									err := tx.Enqueue(s.ctx, store.Delivery{Lane: lane, Ticket: ticket.ID, Workspace: "w", Kind: "card", Once: key != ""})
									if err != nil {
										return err
									}
								}
							}
							return nil
						})
					}
				})
			}
		}
		changers.Wait()
		for s.ctx.Err() == nil && s.backlog().Waiting > 0 {
			s.lanesKept()
		}
		finished()
		workers.Wait()
		if errors.Is(context.Cause(s.ctx), context.DeadlineExceeded) {
			t.Errorf("left behind: %v", s.rows())
		}
	})
}
