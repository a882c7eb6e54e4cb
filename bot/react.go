package bot

import "context"

// react takes in an emoji that was put on a message, or taken off it.
func (c *Call) react(ctx context.Context) (Answer, error) { return Answer{}, nil }
