package mattermost

import (
	"context"
	"errors"
	"fmt"
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
		for _, p := range list.Posts {
			if p.ChannelId == channel && p.CreateAt >= since.UnixMilli() {
				posts = append(posts, p)
			} else {
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

// Missed implements bot.Hearer.
func (d *Door) Missed(ctx context.Context, channel, root string, since time.Time) (missed []bot.Request, err error) {
	if _, err := d.Self(ctx); err != nil {
		return nil, err
	}
	err = d.read(ctx, channel, root, since, func(p *model.Post) error {
		if p.RootId == "" || p.DeleteAt != 0 {
			return nil
		}
		ins, err := d.written(ctx, p, "")
		for _, in := range ins {
			if in.request.Post != nil && in.request.Post.Root == root {
				missed = append(missed, in.request)
			}
		}
		return err
	})
	if Answered(err) && !unsure(err) && !Hopeless(err) { // it won't show this one, now or later
		err = fmt.Errorf("%w: %w", bot.ErrGone, err)
	}
	return missed, err
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
	q := bot.Quoted{Message: p.Id, Root: p.RootId, Text: named(clean(p.Message), files), Files: files}
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
	_ bot.Finder = (*Door)(nil)
	_ bot.Hearer = (*Door)(nil)
	_ bot.Reader = (*Door)(nil)
	_ bot.Linker = (*Door)(nil)
)
