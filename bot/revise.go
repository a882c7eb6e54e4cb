package bot

import "context"

// revise takes in that a message was edited or deleted.
func (c *Call) revise(ctx context.Context) (Answer, error) { return Answer{}, nil }
