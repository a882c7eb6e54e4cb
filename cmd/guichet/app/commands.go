package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"guichet/bot/mattermost"
	"guichet/cmd/guichet/config"
)

// teamDoor is a door that is not opened: for what an operator does beside a running copy.
func teamDoor(c *config.Config, key string) (*mattermost.Door, error) {
	i := slices.IndexFunc(c.Mattermost, func(m config.Team) bool { return m.Key == key })
	if i < 0 {
		return nil, fmt.Errorf("the configuration has no Mattermost team with the key %q", key)
	}
	return mattermost.New(mattermostOptions(c.Mattermost[i], slog.New(slog.DiscardHandler)), nil), nil
}

// tokensVariable is where the tokens of a team's commands are looked for.
func tokensVariable(key string) string {
	return "GUICHET_MATTERMOST_" + strings.ToUpper(strings.ReplaceAll(key, "-", "_")) + "_COMMAND_TOKENS"
}

// RegisterCommands registers the slash commands of a team and says with which tokens they come.
func RegisterCommands(ctx context.Context, c *config.Config, key, admin string, out io.Writer) error {
	d, err := teamDoor(c, key)
	if err != nil {
		return err
	}
	all, err := d.Register(ctx, admin)
	if err != nil {
		return err
	}
	var tokens []string
	for _, r := range all {
		what := "is there already"
		if r.New {
			what = "is registered"
		}
		fmt.Fprintf(out, "/%s %s\n", r.Name, what)
		tokens = append(tokens, r.Token)
	}
	fmt.Fprintf(out, "\nSet this for guichet serve, and keep it secret:\n%s=%s\n", tokensVariable(key), strings.Join(tokens, ","))
	return nil
}

// CommandsByHand prints what to register in the team's settings.
func CommandsByHand(c *config.Config, key string, out io.Writer) error {
	d, err := teamDoor(c, key)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "In Mattermost: Integrations > Slash Commands > Add Slash Command, once for each of these.")
	for _, cmd := range d.Commands() {
		fmt.Fprintf(out, "\nTitle and command trigger word: %s\nRequest URL:  %s\nMethod:       POST\nAutocomplete: yes\nHint:         %s\nDescription:  %s\n",
			cmd.Trigger, cmd.URL, cmd.AutoCompleteHint, cmd.AutoCompleteDesc)
	}
	fmt.Fprintf(out, "\nThen set the tokens that Mattermost shows, with commas between them, for guichet serve:\n%s=...\n", tokensVariable(key))
	return nil
}
