package bot

import (
	"context"
	"slices"
	"strings"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
)

// guichetCommand is /guichet: one's home view, language, and what one may do.
func guichetCommand() *Command {
	return &Command{
		Name:  "guichet",
		Usage: "[profile | language fr | help]",
		About: "Your tickets at a glance, your details and language, and what you can do",
		Run:   runGuichet,
		Buttons: map[string]func(context.Context, *Call) (Answer, error){
			"profile": func(ctx context.Context, c *Call) (Answer, error) { return c.profile(ctx) },
			"tab":     func(ctx context.Context, c *Call) (Answer, error) { return c.pressTab(ctx) },
		},
		Forms: map[string]func(context.Context, *Call, Submission) (Answer, error){"guichet.profile": submitProfile},
	}
}

// languageNames are what people call the languages.
var languageNames = map[string]string{"en": "en", "english": "en", "anglais": "en", "fr": "fr", "french": "fr", "français": "fr", "francais": "fr"}

func runGuichet(ctx context.Context, c *Call, args []string) (Answer, error) {
	if len(args) == 0 {
		return c.homeAsCard(ctx)
	}
	switch word := strings.ToLower(args[0]); {
	case word == "help" || word == "aide":
		return c.help(ctx)
	case word == "profile" || word == "profil":
		return c.profile(ctx)
	case word == "language" || word == "langue":
		return c.language(ctx, args[1:])
	default:
		lines := []string{c.Words.Say("unknown.guichet", text.Args{"Argument": helpdesk.Shorten(c.Command.Args, 60)})}
		if n := helpdesk.Nearest(word, []string{"help", "language", "profile"}); n != "" {
			lines = append(lines, c.Words.Say("unknown.guichet.nearest", text.Args{"Nearest": n}))
		}
		return Answer{Card: &card.Card{Lines: append(lines, c.guichetUsage()...)}}, nil
	}
}

// homeAsCard puts what the home view shows into the person's direct channel.
func (c *Call) homeAsCard(ctx context.Context) (Answer, error) {
	tab, err := c.bot.desk.TabOf(ctx, c.From)
	if err != nil {
		return Answer{}, err
	}
	h, tab, err := c.bot.homeOf(ctx, c.Words, c.Person.ID, tab)
	if err != nil {
		return Answer{}, err
	}
	content := h.Card()
	c.done("home", 0, "tab", tab)
	a := c.say("home.sent")
	a.Direct = &content
	return a, nil
}

// language tells the person's language, or makes another one theirs.
func (c *Call) language(ctx context.Context, args []string) (Answer, error) {
	if len(args) == 0 {
		return c.say("language.now"), nil
	}
	language, ok := languageNames[strings.ToLower(args[0])]
	if !ok || !slices.Contains(text.Languages, language) {
		return c.say("language.unknown", text.Args{"Language": helpdesk.Shorten(strings.Join(args, " "), 60)}), nil
	}
	p, err := c.bot.desk.SetLanguage(ctx, c.Actor, c.From, language)
	if err != nil {
		return Answer{}, err
	}
	c.done("language", 0, "language", language)
	c.Person, c.Words = p, text.In(p.Language)
	return c.say("language.set"), nil
}

func (c *Call) guichetUsage() []string {
	return []string{c.Words.Say("help.guichet"), c.Words.Say("help.guichet.profile"), c.Words.Say("help.guichet.language"), c.Words.Say("help.guichet.help")}
}
