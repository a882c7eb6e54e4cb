package bot

import (
	"context"
	"errors"

	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// onCards are the emoji that mean something on a ticket's card, by the platform's short names. Each is a sign
// for what can be said in words as well: a button, or an entry of the menu.
var onCards = map[string]func(context.Context, *Call) (Answer, error){
	"eyes":             byEmoji(helpdesk.Take, helpdesk.Release),
	"white_check_mark": byEmoji(helpdesk.Resolve, helpdesk.Reopen),
	"rotating_light":   byEmoji(helpdesk.Prioritize, helpdesk.Prioritize),
}

// pushpin puts messages on the timeline of a major incident.
const pushpin = "pushpin"

// onMessages are those that mean something on any message, when they are put there.
var onMessages = map[string]func(ctx context.Context, c *Call) (Answer, error){
	"ticket":            file,
	"admission_tickets": file,
}

// react takes in an emoji that was put on a message, or taken off it.
func (c *Call) react(ctx context.Context) (Answer, error) {
	if do, ok := onCards[c.Reaction.Emoji]; ok {
		return do(ctx, c)
	}
	if c.Reaction.Emoji == pushpin {
		return pin(ctx, c)
	}
	if do, ok := onMessages[c.Reaction.Emoji]; ok && !c.Reaction.Removed {
		return do(ctx, c)
	}
	return Answer{}, nil
}

// listensToEmoji says whether an emoji is for guichet: others are put on messages all day, and nobody is
// looked up for them.
func (b *Bot) listensToEmoji(ctx context.Context, r Request) (bool, error) {
	if r.Reaction.Emoji == pushpin {
		return b.desk.TimelineAt(ctx, r.Place)
	}
	if onCards[r.Reaction.Emoji] == nil {
		return onMessages[r.Reaction.Emoji] != nil && !r.Reaction.Removed, nil
	}
	_, _, err := b.desk.CardAt(ctx, r.Place, r.Reaction.Message)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// byEmoji is an emoji on a ticket's card, with what taking it off does.
func byEmoji(put, off helpdesk.Act) func(context.Context, *Call) (Answer, error) {
	return func(ctx context.Context, c *Call) (Answer, error) {
		id, side, err := c.bot.desk.CardAt(ctx, c.Place, c.Reaction.Message)
		if errors.Is(err, store.ErrNotFound) {
			return Answer{}, nil
		}
		if err != nil {
			return Answer{}, err
		}
		if side != store.DeskSide {
			return c.say("emoji.agents"), nil
		}
		act := put
		if c.Reaction.Removed {
			act = off
		}
		return c.sign(ctx, act, id)
	}
}

// sign does an act that an agent chose by an emoji.
func (c *Call) sign(ctx context.Context, act helpdesk.Act, id store.TicketID) (Answer, error) {
	a := c.Actor
	a.Wordless = true
	var out helpdesk.Outcome
	var err error
	switch act {
	case helpdesk.Take:
		out, err = c.bot.desk.Take(ctx, a, id, 0)
	case helpdesk.Prioritize:
		out, err = c.bot.desk.SetUrgent(ctx, a, id, !c.Reaction.Removed)
	default:
		out, err = c.bot.desk.Do(ctx, a, act, id, store.DeskSide)
	}
	if err != nil {
		return Answer{}, err
	}
	c.done(string(act), id, "changed", out.Changed)
	if !out.Changed && out.By != "" && !c.Reaction.Removed {
		return c.already(act, out), nil
	}
	return Answer{}, nil
}

// already tells who was quicker.
func (c *Call) already(act helpdesk.Act, out helpdesk.Outcome) Answer {
	return c.say("already."+string(act), text.Args{"Ticket": c.bot.called(out.Ticket), "Name": out.By})
}
