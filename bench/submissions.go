package main

import (
	"context"
	"fmt"
	"time"
)

var levels = []int{1, 16, 64}

// noAnswer outlasts a turn: next to nothing is delivered meanwhile.
const noAnswer = 5 * time.Second

// contender is one that takes its turn in each round.
type contender struct {
	name string
	turn func(clients int) (rate float64, err error)
	got  map[int]figures // by clients
}

// submissions measures forms from HTTP to the disk, against what bounds them.
func (b *bench) submissions(desks []*desk) error {
	bare, err := b.startBare()
	if err != nil {
		return err
	}
	defer bare.stop()
	bolt, err := b.startBolt()
	if err != nil {
		return err
	}
	defer bolt.stop()
	if err := b.createTx3(); err != nil {
		return err
	}
	each, err := b.openCommitEach()
	if err != nil {
		return err
	}
	defer each.Close()

	over := func(p *program) func(int) (float64, error) {
		s := newSender()
		return func(clients int) (float64, error) {
			rate, _, err := s.closed(b, p.base+"/slack/acme", clients, b.turn)
			return rate, err
		}
	}
	pg, lite := desks[0], desks[1]
	contenders := []*contender{
		{name: "bare handler, signature only", turn: over(bare)},
		{name: "Bolt for JavaScript, one insert", turn: over(bolt)},
		{name: "pgbench tx3", turn: func(clients int) (float64, error) {
			return b.pg.pgbench(b, "tx3", tx3Script(), clients, "-T", fmt.Sprint(int(b.turn.Seconds())))
		}},
		{name: "guichet on PostgreSQL", turn: b.deskTurn(pg, slackLatency)},
		{name: "the same, Slack answering at once", turn: b.deskTurn(pg, 0)},
		{name: "the same, Slack not answering", turn: b.deskTurn(pg, noAnswer)},
		{name: "SQLite FULL, a commit each (no HTTP)", turn: func(clients int) (float64, error) {
			rate, _, err := closedLoop(b, clients, b.turn, func(ctx context.Context) error { return commitEach(ctx, each) })
			return rate, err
		}},
		{name: "guichet on SQLite FULL", turn: b.deskTurn(lite, slackLatency)},
	}
	if err := b.takeTurns(contenders); err != nil {
		return err
	}
	b.reportSubmissions(contenders)
	return b.tails(pg, bolt)
}

// takeTurns runs the rounds: at each number of clients, one contender after the other.
func (b *bench) takeTurns(contenders []*contender) error {
	for _, clients := range levels {
		for round := range b.rounds {
			for _, c := range contenders {
				rate, err := c.turn(clients)
				if err != nil {
					return fmt.Errorf("%s, %d clients: %w", c.name, clients, err)
				}
				if c.got == nil {
					c.got = map[int]figures{}
				}
				c.got[clients] = append(c.got[clients], rate)
				b.say("%d clients, round %d: %-38s %s/s", clients, round+1, c.name, number(rate))
			}
		}
	}
	return nil
}

// deskTurn is guichet's turn, with a Slack that takes so long for a post. It checks that all that
// was acknowledged is there, and leaves guichet without work.
func (b *bench) deskTurn(d *desk, latency time.Duration) func(int) (float64, error) {
	return func(clients int) (float64, error) {
		if err := d.fillDrafts(b, int(5000*b.turn.Seconds())); err != nil {
			return 0, err
		}
		b.slack.delay.Store(int64(latency))
		b.slack.forget()
		before, err := d.saved(b)
		if err != nil {
			return 0, err
		}
		rate, sent, err := d.sender.closed(b, d.url(), clients, b.turn)
		if err != nil {
			return 0, err
		}
		after, err := d.saved(b)
		if err != nil {
			return 0, err
		}
		told := len(b.slack.posted())
		for i, table := range kept {
			want := sent
			if table == "outbox" {
				want = 2*sent - told // one for each side
			}
			if got := after[i] - before[i]; got < want {
				return 0, fmt.Errorf("%d forms were acknowledged, but %d rows are in %s (%d posted)", sent, got, table, told)
			}
		}
		return rate, d.clearOutbox(b)
	}
}

// kept are the tables in which a submission leaves a row.
var kept = []string{"tickets", "messages", "events", "outbox"}

func (d *desk) saved(ctx context.Context) (counts [4]int, err error) {
	for i, table := range kept {
		if counts[i], err = d.count(ctx, "SELECT COUNT(*) FROM "+table); err != nil {
			return counts, err
		}
	}
	return counts, nil
}

func (b *bench) reportSubmissions(contenders []*contender) {
	rows := [][]string{{"submissions a second", "1 client", "16", "64"}}
	for _, c := range contenders {
		row := []string{c.name}
		for _, clients := range levels {
			row = append(row, c.got[clients].String())
		}
		rows = append(rows, row)
	}
	b.report.table("A signed form of 5 KB to a durable ticket", rows...)
	bolt, tx3, onPG, each, onLite := contenders[1], contenders[2], contenders[3], contenders[6], contenders[7]
	for i, clients := range levels {
		at := fmt.Sprintf(", at %d", clients)
		b.report.atLeast("form on PostgreSQL / pgbench tx3"+at, onPG.got[clients].over(tx3.got[clients]),
			[]float64{0.4, 0.8, 1.2}[i], []float64{0.55, 1.1, 1.8}[i])
		b.report.atLeast("form on SQLite FULL / a commit each"+at, onLite.got[clients].over(each.got[clients]), []float64{0.5, 1.5, 1.5}[i])
		b.report.atLeast("form on PostgreSQL / Bolt"+at, onPG.got[clients].over(bolt.got[clients]),
			[]float64{0.8, 1, 1.2}[i], []float64{1, 1.3, 1.5}[i])
	}
}

// tails compares how long the slowest of a hundred wait when forms come at a rate of their own.
func (b *bench) tails(d *desk, bolt *program) error {
	b.slack.delay.Store(int64(slackLatency))
	boltSender := newSender()
	rows := [][]string{{"p50 / p99 in ms / % refused", "500 a second", "1,000"}, {"guichet on PostgreSQL"}, {"Bolt for JavaScript"}}
	for _, rate := range []int{500, 1000} {
		var ours, theirs [3]figures
		for range min(b.rounds, 3) {
			for i, c := range []struct {
				sender  *sender
				address string
				into    *[3]figures
			}{{d.sender, d.url(), &ours}, {boltSender, bolt.base + "/slack/acme", &theirs}} {
				if i == 0 {
					if err := d.fillDrafts(b, rate*4); err != nil {
						return err
					}
				}
				took, refused, err := c.sender.open(b, c.address, rate, 3*time.Second)
				if err != nil {
					return err
				}
				c.into[2] = append(c.into[2], float64(refused)/float64(len(took))*100)
				c.into[0] = append(c.into[0], milliseconds(took[len(took)/2]))
				c.into[1] = append(c.into[1], milliseconds(took[len(took)*99/100]))
			}
			if err := d.clearOutbox(b); err != nil {
				return err
			}
		}
		b.say("%d/s: guichet p99 %s ms, Bolt p99 %s ms", rate, ours[1], theirs[1])
		rows[1] = append(rows[1], ours[0].String()+" / "+ours[1].String()+" / "+ours[2].String())
		rows[2] = append(rows[2], theirs[0].String()+" / "+theirs[1].String()+" / "+theirs[2].String())
		b.report.atMost(fmt.Sprintf("p99 of forms / Bolt's, %d/s", rate), ours[1].over(theirs[1]), "", 0.6)
	}
	b.report.table("Waiting at a fixed rate", rows...)
	return nil
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1000 }
