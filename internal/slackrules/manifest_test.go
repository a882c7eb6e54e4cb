package slackrules

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// fullManifest has one of everything for which there is a rule.
func fullManifest(t *testing.T) (m obj) {
	t.Helper()
	const full = `{
		"display_information": {"name": "n", "description": "d", "background_color": "#fff"},
		"features": {
			"app_home": {"home_tab_enabled": true, "messages_tab_enabled": true, "messages_tab_read_only_enabled": false},
			"bot_user": {"display_name": "b", "always_online": true},
			"slash_commands": [{"command": "/t", "description": "d", "usage_hint": "u", "url": "https://a", "should_escape": false}],
			"shortcuts": [{"name": "n", "type": "message", "callback_id": "c", "description": "d"}],
			"unfurl_domains": ["a.example"]
		},
		"oauth_config": {"redirect_urls": ["https://a"], "token_management_enabled": true,
			"scopes": {"bot": ["commands"], "user": ["commands"], "bot_optional": ["commands"], "user_optional": ["commands"]}},
		"settings": {
			"event_subscriptions": {"request_url": "https://a", "bot_events": ["message.im"], "user_events": ["message.im"]},
			"interactivity": {"is_enabled": true, "request_url": "https://a", "message_menu_options_url": "https://a"},
			"org_deploy_enabled": false, "socket_mode_enabled": false, "token_rotation_enabled": false
		}
	}`
	if err := json.Unmarshal([]byte(full), &m); err != nil {
		t.Fatal(err)
	}
	m["display_information"].(obj)["long_description"] = strings.Repeat("x", 200)
	return m
}

// manifestLimits are the rules with a number, called what Slack's schema of manifests calls them.
// The last two are only in its documentation.
var manifestLimits = map[string]int{
	"display_information.name.minLength":             1,
	"display_information.name.maxLength":             35,
	"display_information.description.minLength":      1,
	"display_information.long_description.minLength": 175,
	"display_information.long_description.maxLength": 4000,
	"display_information.background_color.minLength": 4,
	"display_information.background_color.maxLength": 7,

	"features.bot_user.display_name.minLength":        1,
	"features.bot_user.display_name.maxLength":        80,
	"features.slash_commands.minItems":                1,
	"features.slash_commands.maxItems":                50,
	"features.slash_commands.0.command.minLength":     2,
	"features.slash_commands.0.command.maxLength":     32,
	"features.slash_commands.0.description.minLength": 1,
	"features.slash_commands.0.description.maxLength": 2000,
	"features.slash_commands.0.usage_hint.minLength":  1,
	"features.slash_commands.0.usage_hint.maxLength":  1000,
	"features.slash_commands.0.url.maxLength":         3000,
	"features.shortcuts.minItems":                     1,
	"features.shortcuts.maxItems":                     10,
	"features.shortcuts.0.name.minLength":             1,
	"features.shortcuts.0.name.maxLength":             24,
	"features.shortcuts.0.description.minLength":      1,
	"features.shortcuts.0.callback_id.minLength":      1,
	"features.shortcuts.0.callback_id.maxLength":      255,
	"features.unfurl_domains.minItems":                1,
	"features.unfurl_domains.maxItems":                5,
	"features.unfurl_domains.0.maxLength":             255,

	"oauth_config.redirect_urls.maxItems":           1000,
	"oauth_config.redirect_urls.0.maxLength":        2500,
	"oauth_config.scopes.bot.maxItems":              255,
	"oauth_config.scopes.bot.0.maxLength":           50,
	"oauth_config.scopes.user.maxItems":             255,
	"oauth_config.scopes.user.0.maxLength":          50,
	"oauth_config.scopes.bot_optional.maxItems":     255,
	"oauth_config.scopes.bot_optional.0.maxLength":  50,
	"oauth_config.scopes.user_optional.maxItems":    255,
	"oauth_config.scopes.user_optional.0.maxLength": 50,

	"settings.event_subscriptions.request_url.maxLength":        3500,
	"settings.event_subscriptions.bot_events.maxItems":          100,
	"settings.event_subscriptions.bot_events.0.maxLength":       50,
	"settings.event_subscriptions.user_events.maxItems":         100,
	"settings.event_subscriptions.user_events.0.maxLength":      50,
	"settings.interactivity.request_url.maxLength":              3500,
	"settings.interactivity.message_menu_options_url.maxLength": 3500,

	"display_information.description.maxLength":  140,
	"features.shortcuts.0.description.maxLength": 150,
}

func TestManifestLimits(t *testing.T) {
	for name, n := range manifestLimits {
		past := n + 1
		if strings.Contains(name, ".min") {
			past = n - 1
		}
		if errs := Manifest(sizedManifest(t, name, n)); len(errs) > 0 {
			t.Errorf("%s: %d is refused: %v", name, n, errs)
		}
		if errs := Manifest(sizedManifest(t, name, past)); !strings.Contains(fmt.Sprint(errs), "must be ") {
			t.Errorf("%s: %d passes: %v", name, past, errs)
		}
	}
}

// sizedManifest is a manifest in which the text or list that a limit is about has the length n.
func sizedManifest(t *testing.T, limit string, n int) obj {
	t.Helper()
	m := fullManifest(t)
	path := strings.Split(limit, ".")
	path = path[:len(path)-1]
	var value any = m
	set := func(any) {}
	for _, name := range path {
		switch in := value.(type) {
		case obj:
			value, set = in[name], func(v any) { in[name] = v }
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil {
				t.Fatal(err)
			}
			value, set = in[i], func(v any) { in[i] = v }
		}
	}
	switch was := value.(type) {
	case string: // with the beginning that it must have
		set((was + strings.Repeat("f", n))[:n])
	case []any:
		set(many(n, func(i int) any {
			o, ok := was[0].(obj)
			switch {
			case ok && o["command"] != nil:
				return with(o, "command", fmt.Sprint("/", i))
			case ok:
				return with(o, "callback_id", fmt.Sprint(i))
			}
			return was[0]
		}))
	default:
		t.Fatalf("%s: there is %v", limit, was)
	}
	return m
}

func TestManifest(t *testing.T) {
	if errs := Manifest(fullManifest(t)); len(errs) > 0 {
		t.Fatalf("a good manifest is refused: %v", errs)
	}
	socket := func(m obj) {
		settings := m["settings"].(obj)
		settings["socket_mode_enabled"] = true
		delete(settings["event_subscriptions"].(obj), "request_url")
		delete(settings["interactivity"].(obj), "request_url")
		delete(m["features"].(obj)["slash_commands"].([]any)[0].(obj), "url")
	}
	m := fullManifest(t)
	socket(m)
	if errs := Manifest(m); len(errs) > 0 {
		t.Errorf("a socket instead of addresses is refused: %v", errs)
	}
	for name, spoil := range map[string]func(m, info, features, settings obj){
		"no display information":          func(m, _, _, _ obj) { delete(m, "display_information") },
		"no name":                         func(_, info, _, _ obj) { delete(info, "name") },
		"an unknown part":                 func(m, _, _, _ obj) { m["extras"] = obj{} },
		"an unknown feature":              func(_, _, features, _ obj) { features["bot_users"] = obj{} },
		"an unknown setting":              func(_, _, _, settings obj) { settings["socket_mode"] = true },
		"a color in words":                func(_, info, _, _ obj) { info["background_color"] = "blue" },
		"a word for yes":                  func(_, _, _, settings obj) { settings["org_deploy_enabled"] = "yes" },
		"a bot without a name":            func(_, _, features, _ obj) { features["bot_user"] = obj{} },
		"a command without a slash":       func(_, _, features, _ obj) { first(features, "slash_commands")["command"] = "ticket" },
		"a command in capitals":           func(_, _, features, _ obj) { first(features, "slash_commands")["command"] = "/Ticket" },
		"a command of two words":          func(_, _, features, _ obj) { first(features, "slash_commands")["command"] = "/a b" },
		"a command without a description": func(_, _, features, _ obj) { delete(first(features, "slash_commands"), "description") },
		"a command twice": func(_, _, features, _ obj) {
			features["slash_commands"] = append(features["slash_commands"].([]any), first(features, "slash_commands"))
		},
		"a shortcut of no kind":     func(_, _, features, _ obj) { first(features, "shortcuts")["type"] = "local" },
		"neither on nor off":        func(_, _, _, settings obj) { delete(settings["interactivity"].(obj), "is_enabled") },
		"an address without http":   func(_, _, _, settings obj) { settings["interactivity"].(obj)["request_url"] = "desk.example" },
		"no address of events":      func(_, _, _, settings obj) { delete(settings["event_subscriptions"].(obj), "request_url") },
		"no address of forms":       func(_, _, _, settings obj) { delete(settings["interactivity"].(obj), "request_url") },
		"no address of the command": func(_, _, features, _ obj) { delete(first(features, "slash_commands"), "url") },
	} {
		m := fullManifest(t)
		spoil(m, m["display_information"].(obj), m["features"].(obj), m["settings"].(obj))
		if len(Manifest(m)) == 0 {
			t.Errorf("%s passes", name)
		}
	}
}

func first(features obj, list string) obj { return features[list].([]any)[0].(obj) }
