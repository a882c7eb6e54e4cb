package bot

import "context"

// mentioned answers somebody who called the bot by name.
func (c *Call) mentioned(ctx context.Context) (Answer, error) { return Answer{}, nil }
