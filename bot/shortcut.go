package bot

import "context"

// shortcut does what was chosen from the menu of a message.
func (c *Call) shortcut(ctx context.Context) (Answer, error) { return Answer{}, nil }
