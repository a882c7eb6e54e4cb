package slackrules

var (
	address = like(`^https?://`, str(1, 3500))
	scopes  = list(0, 255, str(1, 50))
	events  = list(0, 100, str(1, 50))
)

var manifest = object(props{
	"$schema": anything, "_metadata": anything,
	"display_information!": object(props{
		"name!":            str(1, 35),
		"description":      str(1, 140),
		"long_description": str(175, 4000),
		"background_color": like(`^#([0-9a-fA-F]{3}){1,2}$`, str(4, 7)),
	}),
	"features": object(props{
		"app_home": object(props{"home_tab_enabled": boolean, "messages_tab_enabled": boolean, "messages_tab_read_only_enabled": boolean}),
		"bot_user": object(props{"display_name!": str(1, 80), "always_online": boolean}),
		"slash_commands": unique("command", list(1, 50, object(props{
			"command!":      like(`^/[^/\sA-Z]+$`, str(2, 32)),
			"description!":  str(1, 2000),
			"usage_hint":    str(1, 1000),
			"url":           like(`^https?://`, str(1, 3000)),
			"should_escape": boolean,
		}))),
		"shortcuts": unique("callback_id", list(1, 10, object(props{
			"name!": str(1, 24), "type!": oneOf("message", "global"), "callback_id!": id, "description!": str(1, 150),
		}))),
		"unfurl_domains": list(1, 5, str(1, 255)),
	}),
	"oauth_config": object(props{
		"scopes":        object(props{"bot": scopes, "user": scopes, "bot_optional": scopes, "user_optional": scopes}),
		"redirect_urls": list(0, 1000, str(1, 2500)), "token_management_enabled": boolean, "pkce_enabled": boolean,
	}),
	"settings": object(props{
		"event_subscriptions": object(props{
			"request_url": address, "bot_events": events, "user_events": events, "metadata_subscriptions": anything,
		}),
		"interactivity": object(props{
			"is_enabled!": boolean, "request_url": address, "message_menu_options_url": address,
		}),
		"incoming_webhooks": anything, "allowed_ip_address_ranges": anything,
		"org_deploy_enabled": boolean, "socket_mode_enabled": boolean, "token_rotation_enabled": boolean, "is_hosted": boolean,
	}),
}, reachable)

// Manifest checks an app manifest.
func Manifest(m map[string]any) []error { return manifest("", m) }

// reachable wants addresses for everything that Slack sends, unless it comes by Socket Mode.
func reachable(_ string, m map[string]any) []error {
	settings, _ := m["settings"].(map[string]any)
	if settings["socket_mode_enabled"] == true {
		return nil
	}
	var errs []error
	need := func(at string, v any, name string) {
		if m, _ := v.(map[string]any); m != nil && m[name] == nil {
			errs = append(errs, wrong(at, "lacks %q, as Socket Mode is off", name)...)
		}
	}
	need("settings.event_subscriptions", settings["event_subscriptions"], "request_url")
	if i, _ := settings["interactivity"].(map[string]any); i["is_enabled"] == true {
		need("settings.interactivity", i, "request_url")
	}
	features, _ := m["features"].(map[string]any)
	commands, _ := features["slash_commands"].([]any)
	for _, c := range commands {
		need("features.slash_commands", c, "url")
	}
	return errs
}
