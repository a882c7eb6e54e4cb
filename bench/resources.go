package main

import (
	"fmt"
	"time"
)

// resources measures what guichet takes of a machine: to start, to do nothing, and under load.
func (b *bench) resources(desks []*desk) error {
	rows := [][]string{{"", "start to ready, ms", "memory idle, MB", "memory under 64 clients, MB", "processor idle, %"}}
	starts := make([]figures, len(desks))
	for range 2*b.rounds - 1 {
		for i, d := range desks {
			d.program.stop()
			p, took, err := b.startGuichet("guichet-"+d.kind, d.address)
			if err != nil {
				return err
			}
			d.program = p
			starts[i] = append(starts[i], milliseconds(took))
		}
	}
	// What a start leaves to do is done after a while.
	time.Sleep(3 * time.Second)
	length := min(20*time.Second, b.turn*10)
	idle, used, memory := make([]float64, len(desks)), make([]time.Duration, len(desks)), make([]float64, len(desks))
	for i, d := range desks {
		used[i], memory[i] = d.program.processor(), d.program.memory("VmRSS")
	}
	time.Sleep(length)
	for i, d := range desks {
		idle[i] = (d.program.processor() - used[i]).Seconds() / length.Seconds() * 100
	}
	b.slack.delay.Store(int64(slackLatency))
	for i, d := range desks {
		turn := b.deskTurn(d, slackLatency)
		for range 2 {
			if _, err := turn(64); err != nil {
				return err
			}
		}
		peak := d.program.memory("VmHWM")
		b.say("%s: %s ms to ready, %.1f and %.1f MB, %.2f %%", d.kind, starts[i], memory[i], peak, idle[i])
		rows = append(rows, []string{"guichet on " + d.kind, starts[i].String(), number(memory[i]), number(peak), number(idle[i])})
		b.report.atMost("start to ready, "+d.kind, starts[i], " ms", 100)
		b.report.atMost("memory idle, "+d.kind, figures{memory[i]}, " MB", 30)
		b.report.atMost("memory under 64 clients (peak), "+d.kind, figures{peak}, " MB", 60)
		b.report.atMost("processor idle, "+d.kind, figures{idle[i]}, " %", 0.3)
	}
	tickets, err := desks[0].count(b, "SELECT COUNT(*) FROM tickets")
	b.report.table(fmt.Sprintf("What it takes (with %s tickets)", number(float64(tickets))), rows...)
	return err
}
