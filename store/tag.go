package store

import (
	"context"
	"strings"
)

// SetTags gives a locked ticket these tags in place of those it has: words, in the order of the alphabet. It changes nothing else.
func (tx *Tx) SetTags(ctx context.Context, t Ticket, tags []string) error {
	if _, err := tx.exec(ctx, `DELETE FROM tags WHERE ticket_id = ?`, t.ID); err != nil {
		return err
	}
	for _, tag := range tags {
		if _, err := tx.exec(ctx, `INSERT INTO tags (ticket_id, tag, queue, service, active) VALUES (?, ?, ?, ?, ?)`,
			t.ID, tag, t.Queue, t.Service, t.Active); err != nil {
			return err
		}
	}
	words := strings.Join(tags, " ")
	if _, err := tx.exec(ctx, `UPDATE tickets SET tags = ? WHERE id = ?`, words, t.ID); err != nil {
		return err
	}
	return tx.IndexTags(ctx, t.ID, words)
}
