package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// What one menu of a form takes: so many choices, of so many characters each (Slack's Block Kit
// reference, select menus and option objects).
const (
	maxChoices = 100
	maxChoice  = 75
)

// sizes refuses what no form could show.
func (w *walker) sizes(c *Config) {
	if len(c.Services) > maxChoices {
		w.problem("services", "are %d: a form shows %d at most", len(c.Services), maxChoices)
	}
	if len(c.Macros) > maxChoices {
		w.problem("macros", "are %d: a form shows %d at most", len(c.Macros), maxChoices)
	}
	name := func(text, path string, args ...any) {
		if n := utf8.RuneCountInString(text); n > maxChoice {
			w.problem(fmt.Sprintf(path, args...), "is %d characters long: write %d at most", n, maxChoice)
		}
	}
	for i, o := range c.Organizations {
		name(o.Name, "organizations[%d].name", i)
	}
	for i, q := range c.Queues {
		for _, text := range q.Name {
			name(text, "queues[%d].name", i)
		}
	}
	licenses := 0
	for i, s := range c.Services {
		for _, text := range s.Name {
			name(text, "services[%d].name", i)
		}
		licenses += len(s.Licenses)
		for j, l := range s.Licenses {
			for _, text := range l.Name {
				name(text, "services[%d].licenses[%d].name", i, j)
			}
		}
	}
	if licenses > maxChoices {
		w.problem("services", "have %d licenses in all: a form shows %d at most", licenses, maxChoices)
	}
}

// check looks at what one value alone cannot tell: references, and values that must agree.
func (w *walker) check(c *Config) {
	homes := map[string]string{} // workspace: its organization
	w.home = homes
	ids := map[string]*regexp.Regexp{}
	for _, s := range c.Slack {
		homes[s.Key], ids[s.Key] = s.Organization, idPattern
	}
	for i, m := range c.Mattermost {
		homes[m.Key], ids[m.Key] = m.Organization, mmPattern
		if c.Listen == "" {
			w.problem(fmt.Sprintf("mattermost[%d].callback_url", i), "needs an address to listen on: set listen")
		}
	}
	if len(c.Slack)+len(c.Mattermost) == 0 {
		w.problem("slack", "is missing, and mattermost too: list at least one Slack workspace or Mattermost team, with its key, team and organization")
	}
	for i, o := range c.Organizations {
		for j, m := range o.Managers {
			at := fmt.Sprintf("organizations[%d].managers[%d]", i, j)
			if home, ok := homes[m.Workspace]; ok && home != o.Key {
				w.problem(at, "is in a workspace of another organization: name people of this one's workspaces")
			} else if ok && !ids[m.Workspace].MatchString(m.User) {
				w.problem(at, "is not an id of that workspace's platform: copy it from the person's profile there")
			} else if m.Workspace != "" {
				w.refs = append(w.refs, reference{at, "workspace", m.Workspace})
			}
		}
	}
	w.routes(c)
	w.opening(c)
	channels := map[[2]string]int{}
	for i, q := range c.Queues {
		w.queueTimes(q, fmt.Sprintf("queues[%d]", i))
		id := [2]string{q.Workspace, q.Channel}
		if is, ok := ids[q.Workspace]; ok && q.Channel != "" && !is.MatchString(q.Channel) {
			w.problem(fmt.Sprintf("queues[%d].channel", i), "is not an id of that workspace's platform: copy it from the channel there")
		}
		if first, ok := channels[id]; !ok {
			channels[id] = i
		} else if q.Channel != "" {
			w.problem(fmt.Sprintf("queues[%d].channel", i), "is already that of queues[%d]: give each queue its own channel", first)
		}
		if q.Key != "" && q.Key == c.DefaultQueue && len(q.Organizations) > 0 {
			w.problem(fmt.Sprintf("queues[%d].organizations", i),
				"must be left out: this is the default queue, which takes every ticket that no other does; or name another one in default_queue")
		}
	}
	for _, ref := range w.refs {
		names := w.names[ref.kind]
		absent := ref.name == "" && !strings.HasSuffix(ref.path, "]") // told as missing where it is required
		if _, ok := names[ref.name]; ok || absent || len(names) == 0 {
			continue
		}
		keys := slices.DeleteFunc(slices.Sorted(maps.Keys(names)), func(k string) bool { return !keyPattern.MatchString(k) })
		w.problem(ref.path, "names no %s of this file: the keys are %s", ref.kind, strings.Join(keys, ", "))
	}
}

// tokens finds the two secrets that every workspace needs.
func (w *walker) tokens(c *Config) {
	for i := range c.Slack {
		s := &c.Slack[i]
		if !keyPattern.MatchString(s.Key) {
			continue // told already, and without it the variables have no name
		}
		at := fmt.Sprintf("slack[%d].", i)
		name := "GUICHET_SLACK_" + strings.ToUpper(strings.ReplaceAll(s.Key, "-", "_"))
		s.BotToken = w.token(name+"_BOT_TOKEN", at+"bot_token_file", s.BotTokenFile, botToken)
		appToken := func() Secret { return w.token(name+"_APP_TOKEN", at+"app_token_file", s.AppTokenFile, appToken) }
		secret := func() Secret {
			return w.token(name+"_SIGNING_SECRET", at+"signing_secret_file", s.SigningSecretFile, signingSecret)
		}
		// Both kinds of variables may be there: whoever tries the other mode keeps them.
		if s.Mode == "http" {
			w.allow(name+"_APP_TOKEN", name+"_APP_TOKEN_FILE")
			s.SigningSecret = secret()
			if c.Listen == "" {
				w.problem(at+"mode", "is http, which needs an address to listen on: set listen")
			}
			continue
		}
		w.allow(name+"_SIGNING_SECRET", name+"_SIGNING_SECRET_FILE")
		s.AppToken = appToken()
	}
}

// mattermostSecrets finds those of every Mattermost team.
func (w *walker) mattermostSecrets(c *Config) {
	tokens := map[Secret]int{}
	for i := range c.Mattermost {
		m := &c.Mattermost[i]
		if !keyPattern.MatchString(m.Key) {
			continue // told already, and without it the variables have no name
		}
		at := fmt.Sprintf("mattermost[%d].", i)
		name := "GUICHET_MATTERMOST_" + strings.ToUpper(strings.ReplaceAll(m.Key, "-", "_"))
		m.Token = w.token(name+"_TOKEN", at+"token_file", m.TokenFile, mattermostToken)
		m.Secret = w.token(name+"_SECRET", at+"secret_file", m.SecretFile, ownSecret)
		if _, set := w.env[name+"_COMMAND_TOKENS"]; set || m.CommandTokensFile != "" || w.env[name+"_COMMAND_TOKENS_FILE"] != "" {
			m.CommandTokens = w.token(name+"_COMMAND_TOKENS", at+"command_tokens_file", m.CommandTokensFile, commandTokens)
		}
		w.allow(name+"_COMMAND_TOKENS", name+"_COMMAND_TOKENS_FILE") // they come later: setup makes them
		if first, ok := tokens[m.Token]; ok && m.Token != "" {
			w.problem(at+"token_file", "gives the token of mattermost[%d]: each team needs a bot account of its own, else nobody knows whom a direct message is for", first)
		}
		tokens[m.Token] = i
	}
}

// form is what a secret looks like.
type form struct {
	is      string
	pattern *regexp.Regexp
	from    string // where to copy it from
}

var (
	botToken      = form{"the token that starts with xoxb-", regexp.MustCompile(`^xoxb-[!-~]+$`), slackPage}
	appToken      = form{"the token that starts with xapp-", regexp.MustCompile(`^xapp-[!-~]+$`), slackPage}
	signingSecret = form{"the app's signing secret", regexp.MustCompile(`^[!-~]{16,}$`), slackPage}

	mattermostToken = form{"the bot account's token", regexp.MustCompile(`^[a-z0-9]{26}$`), "create one on the bot account's page in Mattermost"}
	commandTokens   = form{"the slash commands' tokens, with a comma between them", regexp.MustCompile(`^[a-z0-9]{26}(,[a-z0-9]{26})*$`),
		"copy them from the commands' pages in Mattermost"}
	password  = form{"the password", regexp.MustCompile(`^.+$`), "copy it again from whoever runs the mail server"}
	ownSecret = form{"a secret of at least 32 characters, or two with a comma between them", regexp.MustCompile(`^[!-+--~]{32,}(,[!-+--~]{32,})?$`),
		"make one with: openssl rand -hex 32"}
)

const slackPage = "copy it again from the app's page on api.slack.com"

// token is the one in the variable or, failing that, in the file that name_FILE or else the key at names.
func (w *walker) token(name, at, file string, f form) Secret {
	token, direct := w.variable(name)
	named, byFile := w.variable(name + "_FILE")
	if !w.secrets {
		return ""
	}
	from := name
	switch {
	case direct && byFile:
		w.problem(name, "is set, and %s_FILE too: set only one of them", name)
		return ""
	case byFile:
		file, from = named, name+"_FILE"
	case !direct && file == "":
		w.problem(at, "is missing: set %s to %s, or name here a file that holds it", name, f.is)
		return ""
	case !direct:
		from = at
	}
	if !direct {
		data, err := readFile(file, 4096) // many times a token's length
		if err != nil {
			w.problem(from, "names a file that %s", err)
			return ""
		}
		token = string(data)
	}
	token = strings.TrimRight(token, "\r\n")
	if !f.pattern.MatchString(token) {
		w.problem(from, "must hold %s, and nothing else: %s", f.is, f.from)
		return ""
	}
	return Secret(token)
}

// servicePattern are the variables that Kubernetes sets in every container beside a service named
// "guichet": its address, in several forms.
var servicePattern = regexp.MustCompile(`^GUICHET_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_[0-9]+_(TCP|UDP)(_(PROTO|PORT|ADDR))?)?)$`)

// strangers refuses the GUICHET_ variables that nothing reads: a typo must not go unseen.
func (w *walker) strangers() {
	for _, name := range slices.Sorted(maps.Keys(w.env)) {
		switch {
		case w.known[name], name == "GUICHET_CONFIG", name == "GUICHET_LOCAL_SLACK", strings.HasPrefix(name, "GUICHET_TEST_"):
		case servicePattern.MatchString(name):
		default:
			text := "is not a variable that is read: correct or unset it; those read are " +
				strings.Join(slices.Sorted(maps.Keys(w.known)), ", ")
			w.problems = append(w.problems, Problem{Path: name, Text: text})
		}
	}
}
