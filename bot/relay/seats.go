package relay

import (
	"bytes"
	"context"
	"errors"

	"guichet/bot"
	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

// mostListFetches is how often a list is tried to be fetched: somebody waits for it.
const mostListFetches = 5

// seats reads a list of people who are to be given licenses, and shows whoever brought it what would be done, once.
func (r *Relay) seats(ctx context.Context, door bot.Door, d store.Delivery) error {
	f, err := r.bot.SeatFile(ctx, d)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return bot.Because("database", err)
	}
	file, why, err := fetchList(ctx, door, d, f)
	if err != nil {
		return err
	}
	n, err := r.bot.SeatPlan(ctx, d, f, file, why)
	if err != nil || n.Over {
		return err
	}
	channel, err := door.DirectChannel(ctx, n.Account)
	if err != nil {
		return err
	}
	_, err = r.postOnce(ctx, door, d, channel, func() (string, error) { return door.Post(ctx, channel, "", n.Card, d.ID) })
	return err
}

// fetchList brings a list's bytes here, or says why they do not come.
func fetchList(ctx context.Context, door bot.Door, d store.Delivery, f helpdesk.FileRef) (file []byte, why string, err error) {
	fetcher, ok := door.(bot.Fetcher)
	if !ok {
		return nil, helpdesk.FileFailed, nil
	}
	var b bytes.Buffer
	busy := (*bot.Busy)(nil)
	switch _, err := fetcher.Fetch(ctx, f, &b, license.MostSeatBytes); {
	case errors.Is(err, bot.ErrTooLarge):
		return nil, helpdesk.FileTooLarge, nil
	case errors.Is(err, bot.ErrGone):
		return nil, helpdesk.FileGone, nil
	case errors.Is(err, bot.ErrNoAccess):
		return nil, helpdesk.FileNoAccess, nil
	case errors.As(err, &busy):
		return nil, "", err
	case err != nil && d.Attempts+1 >= mostListFetches:
		return nil, helpdesk.FileFailed, nil
	case err != nil:
		return nil, "", err
	case b.Len() == 0:
		return nil, helpdesk.FileEmpty, nil
	}
	return b.Bytes(), "", nil
}
