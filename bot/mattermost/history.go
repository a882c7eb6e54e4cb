package mattermost

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"guichet/bot"
	"guichet/store"
)

// historyPage is how many posts are read at once: as many as the server gives.
const historyPage = 200

// Find implements bot.Finder.
func (d *Door) Find(ctx context.Context, channel, root string, id store.DeliveryID, since time.Time) (found string, err error) {
	want := deliveryKey(id)
	err = d.read(ctx, channel, root, since, func(p *model.Post) error {
		a, err := d.aboutOf(ctx, p)
		if err == nil && a.key == want && p.DeleteAt == 0 {
			found = p.Id
		}
		return err
	})
	if errors.Is(err, bot.ErrGone) { // the thread itself is no more
		return "", nil
	}
	return found, err
}

// read goes through the posts of a channel or, with root, of the thread below that post, since an instant,
// oldest first.
func (d *Door) read(ctx context.Context, channel, root string, since time.Time, each func(*model.Post) error) error {
	var posts []*model.Post
	read := map[string]bool{} // pages move while they are read
	for page := 0; ; page++ {
		var list *model.PostList
		var r *model.Response
		var err error
		if root != "" {
			list, r, err = d.api.GetPostThread(ctx, root, "", false)
			err = outcome("posts/thread", r, err)
		} else {
			list, r, err = d.api.GetPostsForChannel(ctx, channel, page, historyPage, "", false, false)
			err = outcome("channels/posts", r, err)
		}
		if err != nil {
			return err
		}
		oldest := false
		for _, id := range list.Order { // list.Posts has the roots of answers too, however old
			p := list.Posts[id]
			switch {
			case p == nil, read[id]:
			case p.ChannelId == channel && p.CreateAt >= since.UnixMilli():
				read[id] = true
				posts = append(posts, p)
			default:
				oldest = true
			}
		}
		if root != "" || oldest || len(list.Order) < historyPage {
			break
		}
	}
	slices.SortFunc(posts, func(a, b *model.Post) int { return int(a.CreateAt - b.CreateAt) })
	for _, p := range posts {
		if err := each(p); err != nil {
			return err
		}
	}
	return nil
}

// quiet is for how long nobody has written in a channel in which nobody edits either, as far as guichet looks
// for it.
const quiet = 24 * time.Hour

// CatchUp implements bot.Catcher. What a channel shows since an instant has edits and deletions in it too.
func (d *Door) CatchUp(ctx context.Context, since time.Time) (missed []bot.Request, err error) {
	self, err := d.Self(ctx)
	if err != nil {
		return nil, err
	}
	channels, r, err := d.api.GetChannelsForTeamForUser(ctx, d.Team, self, false, "")
	if err != nil {
		return nil, outcome("users/channels", r, err)
	}
	type did struct {
		at int64
		in incoming
	}
	var all []did
	var failed error
	for _, c := range channels {
		d.channels.Store(c.Id, c.Type)
		if c.LastPostAt < since.Add(-quiet).UnixMilli() {
			continue
		}
		posts, err := d.since(ctx, c.Id, since)
		failed = errors.Join(failed, err) // it keeps no other channel from being read
		for _, p := range posts {
			note := func(at int64, ins []incoming) {
				for _, in := range ins {
					all = append(all, did{at, in})
				}
			}
			if p.DeleteAt != 0 {
				note(p.DeleteAt, d.revised(p, true))
				continue
			}
			if p.CreateAt >= since.UnixMilli() {
				ins, err := d.written(ctx, p)
				failed = errors.Join(failed, err)
				note(p.CreateAt, ins)
			}
			if p.EditAt >= since.UnixMilli() { // it may have been taken in before that
				note(p.EditAt, d.revised(p, false))
			}
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(d.Hearing().Pace):
		}
	}
	slices.SortStableFunc(all, func(a, b did) int { return int(a.at - b.at) })
	for _, one := range all {
		missed = append(missed, one.in.request)
	}
	return missed, failed
}

// mostSince is how many posts the server shows of those since an instant: some, if there are more.
const mostSince = 1000

// since are the posts of a channel that were written, edited or deleted since an instant.
func (d *Door) since(ctx context.Context, channel string, since time.Time) ([]*model.Post, error) {
	list, r, err := d.api.GetPostsSince(ctx, channel, since.UnixMilli(), false)
	if err != nil {
		return nil, outcome("channels/posts", r, err)
	}
	posts := slices.Collect(maps.Values(list.Posts))
	if len(posts) < mostSince {
		return posts, nil
	}
	err = d.read(ctx, channel, "", since, func(p *model.Post) error {
		if list.Posts[p.Id] == nil {
			posts = append(posts, p)
		}
		return nil
	})
	return posts, err
}

// Hearing implements bot.Hearer. The server never sends anything again, and allows ten calls a second.
func (d *Door) Hearing() bot.Hearing {
	return bot.Hearing{Pace: 150 * time.Millisecond}
}

// Message implements bot.Reader.
func (d *Door) Message(ctx context.Context, channel, message string) (bot.Quoted, error) {
	p, r, err := d.api.GetPost(ctx, message, "")
	if err != nil {
		err = outcome("posts", r, err)
		if Answered(err) && !unsure(err) {
			err = fmt.Errorf("%w: %w", bot.ErrGone, err)
		}
		return bot.Quoted{}, err
	}
	if p.ChannelId != channel || p.DeleteAt != 0 {
		return bot.Quoted{}, fmt.Errorf("%w: it is not where it was", bot.ErrGone)
	}
	if _, err := d.Self(ctx); err != nil {
		return bot.Quoted{}, err
	}
	files, err := d.filesOf(ctx, p)
	if err != nil {
		return bot.Quoted{}, err
	}
	q := bot.Quoted{Message: p.Id, Root: p.RootId, Text: named(written(p.Message), files), Files: files, At: time.UnixMilli(p.CreateAt)}
	if d.byPerson(p) {
		q.Author = p.UserId
	}
	return q, nil
}

// Permalink implements bot.Linker.
func (d *Door) Permalink(ctx context.Context, _, message string) (string, error) {
	if _, err := d.Self(ctx); err != nil {
		return "", err
	}
	return d.api.URL + "/" + d.self.team + "/pl/" + message, nil
}

var (
	_ bot.Finder  = (*Door)(nil)
	_ bot.Catcher = (*Door)(nil)
	_ bot.Reader  = (*Door)(nil)
	_ bot.Linker  = (*Door)(nil)
)
