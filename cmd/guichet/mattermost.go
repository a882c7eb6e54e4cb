package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"guichet/cmd/guichet/app"
)

// mattermostCmd sets a Mattermost team up.
type mattermostCmd struct {
	Setup mattermostSetupCmd `cmd:"" help:"Register the slash commands in a Mattermost team, with an admin's token from standard input, which is not kept; or print what to register by hand."`
}

type mattermostSetupCmd struct {
	Team   string `arg:"" help:"The team's key in the configuration."`
	ByHand bool   `help:"Only print what to register; no token is needed."`
}

func (m mattermostSetupCmd) Run(ctx context.Context, e *env) error {
	c, _, err := e.load()
	if err != nil {
		return err
	}
	if m.ByHand {
		return app.CommandsByHand(c, m.Team, e.stdout)
	}
	fmt.Fprintln(e.stderr, "An admin's personal access token, please (it is not kept):")
	line := bufio.NewScanner(e.stdin)
	if !line.Scan() || strings.TrimSpace(line.Text()) == "" {
		return problem{exitUsage, errors.New("no token came on standard input; with --by-hand none is needed")}
	}
	return app.RegisterCommands(ctx, c, m.Team, strings.TrimSpace(line.Text()), e.stdout)
}
