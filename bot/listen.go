package bot

import "context"

// listensTo says whether something is for guichet at all, before anybody is looked up for it. A message
// is when it is in a direct channel, or below some message in a queue's channel, or in a ticket's thread
// that stayed behind when its queue moved. A mention is, unless it is in such a message, and so heard already.
func (b *Bot) listensTo(ctx context.Context, r Request) (bool, error) {
	_, queue := b.desk.Catalog().QueueAt(r.Place)
	switch {
	case r.Reaction != nil:
		return b.listensToEmoji(ctx, r)
	case r.Revision != nil:
		return b.desk.KnowsMessage(ctx, r.Revision.External)
	case r.Mention != nil && (r.Direct || r.Mention.Root == ""):
		return !r.Direct, nil
	case r.Mention != nil:
		known, err := b.desk.KnowsThread(ctx, r.Place, r.Mention.Root)
		return !known && !queue, err
	case r.Post == nil:
		return true, nil
	}
	if r.Direct || r.Post.Root == "" || queue {
		return r.Direct || queue && r.Post.Root != "", nil
	}
	return b.desk.KnowsThread(ctx, r.Place, r.Post.Root)
}
