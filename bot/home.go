package bot

import "context"

// home shows a person their home view.
func (c *Call) home(ctx context.Context) (Answer, error) { return Answer{}, nil }
