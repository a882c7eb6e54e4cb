package bot

import (
	"context"
	"slices"

	"guichet/bot/text"
)

// Command is one slash command with all that belongs to it. Dispatch, help and the check of
// manifest.yaml read the table of commands; adding one touches its own file, the catalogs, the
// manifest, and the list below.
type Command struct {
	Name    string // without the slash
	Aliases []string
	Usage   string // hint behind the name, as the platform shows it
	About   string // one line, as the platform shows it
	Run     func(ctx context.Context, c *Call, args []string) (Answer, error)
	Forms   map[string]func(ctx context.Context, c *Call, s Submission) (Answer, error) // by form id
	Buttons map[string]func(ctx context.Context, c *Call) (Answer, error)               // by button id
	// Shortcuts are what the menu of a message offers, by id.
	Shortcuts map[string]MessageShortcut
}

// Commands is the table of commands.
func Commands() []*Command {
	return []*Command{ticketCommand(), licenseCommand(), invoiceCommand(), guichetCommand()}
}

// Names are all that it is typed by.
func (c *Command) Names() []string { return append([]string{c.Name}, c.Aliases...) }

func (c *Command) named(name string) bool { return slices.Contains(c.Names(), name) }

// fieldErrors puts what is wrong with a form into words.
func (c *Call) fieldErrors(wrong map[string]string, values map[string]string) map[string]string {
	out := map[string]string{}
	for field, code := range wrong {
		out[field] = c.fieldError(field, code, values[field])
	}
	return out
}

func (c *Call) fieldError(field, code, value string) string {
	longest := longestOf(field)
	switch {
	case code == "too_long":
		return c.Words.Say("wrong.too_long", text.Args{"N": len([]rune(value)) - longest, "Longest": longest})
	case code == "missing" && longest == 0:
		return c.Words.Say("wrong.missing.choice")
	}
	return c.Words.Say("wrong." + code)
}
