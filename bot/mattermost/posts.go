package mattermost

import (
	"context"
	"fmt"

	"github.com/mattermost/mattermost/server/public/model"
)

// keyProp is the property by which guichet's own posts are told, and found again. People can give their
// posts such a property too: it counts on the bot's alone.
const keyProp = "guichet"

// about is what is remembered of a post.
type about struct{ author, channel, key string }

// mostPosts is how many posts are remembered; past it all are forgotten, and asked for again.
const mostPosts = 20_000

func (d *Door) remember(post string, a about) {
	if d.known.Add(1) > mostPosts {
		d.posts.Clear()
		d.known.Store(1)
	}
	d.posts.Store(post, a)
}

func (d *Door) forget(post string) { d.posts.Delete(post) }

// about looks up a post.
func (d *Door) about(ctx context.Context, post string) (about, error) {
	if a, ok := d.posts.Load(post); ok {
		return a.(about), nil
	}
	p, r, err := d.api.GetPost(ctx, post, "")
	if err != nil {
		return about{}, outcome("posts", r, err)
	}
	a, err := d.aboutOf(ctx, p)
	if err == nil {
		d.remember(post, a)
	}
	return a, err
}

func (d *Door) aboutOf(ctx context.Context, p *model.Post) (about, error) {
	self, err := d.Self(ctx)
	if err != nil {
		return about{}, err
	}
	a := about{author: p.UserId, channel: p.ChannelId}
	if key := p.GetProp(keyProp); key != nil && p.UserId == self {
		a.key = fmt.Sprint(key)
	}
	return a, nil
}
