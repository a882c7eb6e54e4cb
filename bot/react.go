package bot

import "context"

// reactions are the emojis to which guichet listens, by the platform's short names: what each does when it
// is put on a message.
var reactions = map[string]func(ctx context.Context, c *Call) (Answer, error){
	"ticket":            file,
	"admission_tickets": file,
}

// react takes in an emoji that was put on a message, or taken off it.
func (c *Call) react(ctx context.Context) (Answer, error) {
	do, ok := reactions[c.Reaction.Emoji]
	if !ok || c.Reaction.Removed {
		return Answer{}, nil
	}
	return do(ctx, c)
}
