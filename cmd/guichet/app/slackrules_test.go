package app_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"guichet/bot/slack"
	"guichet/internal/slackrules"
)

// obeysSlack looks at all that went between guichet and Slack during a test: Slack has refused nothing
// as no correct program would be refused, what guichet asked for keeps the rules that bind it, and
// whatever Slack had to tell was acknowledged. Every test of a desk ends with it.
func (d *desk) obeysSlack() {
	d.t.Helper()
	for _, r := range d.strict.Refusals() {
		if r.Code == "missing_scope" && slices.ContainsFunc(slack.Optional, func(m slack.Use) bool { return m.Name == r.Method }) {
			continue // it asks, and does without
		}
		d.t.Errorf("guichet broke a rule of Slack's: %v", r)
	}
	for _, n := range d.strict.Unacked() {
		if !d.gaveUp {
			d.t.Errorf("guichet did not acknowledge %s %s in %s: %s\n%s", n.Type, n.What, n.Channel, n.Verdict, n.Payload)
		}
	}
	for _, c := range d.strict.Calls() {
		if c.Method != "response" && !slices.ContainsFunc(slices.Concat(slack.Methods, slack.Optional), func(m slack.Use) bool { return m.Name == c.Method }) {
			d.t.Errorf("guichet calls %s, which is not in slack.Methods", c.Method)
		}
		d.allowed(c.Method, c.Args)
	}
	for _, a := range d.strict.Deliveries() {
		if len(a.Answer) == 0 {
			continue
		}
		var said map[string]any
		if err := json.Unmarshal(a.Answer, &said); err != nil {
			d.t.Errorf("%s is answered: %s", a.What, a.Answer)
		}
		if a.Type == "slash_commands" && said != nil {
			d.allowed("response", said)
		} else {
			d.allowed(a.What, said)
		}
	}
}

// allowed holds what was sent against Slack's rules.
func (d *desk) allowed(method string, sent map[string]any) {
	d.t.Helper()
	var wrong []error
	if view, ok := sent["view"].(map[string]any); ok {
		wrong = slackrules.View(view)
	}
	switch method {
	case "chat.postMessage", "chat.postEphemeral", "response":
		wrong = append(slackrules.Message(sent), ringsNobody(sent)...)
	case "chat.update":
		wrong = append(slackrules.Update(sent), ringsNobody(sent)...)
	}
	for _, err := range wrong {
		text, _ := json.Marshal(sent)
		d.t.Errorf("the real Slack would not take this: %v\n%.2000s", err, text)
	}
}

// calls is how guichet itself mentions people: in a block of its own, and nothing else.
var calls = regexp.MustCompile(`^<@[UW][A-Z0-9]+>( <@[UW][A-Z0-9]+>)*$`)

// ringsNobody wants no message to mention anyone in what is said: people's words must not.
func ringsNobody(sent map[string]any) (wrong []error) {
	look := func(text any) {
		if s, _ := text.(string); !calls.MatchString(s) && (strings.Contains(s, "<!") || strings.Contains(s, "<@")) {
			wrong = append(wrong, fmt.Errorf("it mentions somebody: %.500s", s))
		}
	}
	look(sent["text"])
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				walk(item)
			}
		case map[string]any:
			if v["type"] == "mrkdwn" {
				look(v["text"])
			}
			for _, item := range v {
				walk(item)
			}
		}
	}
	walk(sent["blocks"])
	return wrong
}
