package slack

import (
	"errors"
	"testing"

	"guichet/bot"
)

// A channel that was made before a crash is found by its name.
func TestARoomIsMadeOnce(t *testing.T) {
	self := `{"ok": true, "team_id": "T01ACME", "user_id": "U00GUICHET"}`
	taken := answers{"auth.test": self, "conversations.create": `{"ok": false, "error": "name_taken"}`,
		"conversations.list": `{"ok": true, "channels": [{"id": "G1", "name": "incident-1", "is_member": false}, {"id": "G7", "name": "incident-7", "is_member": true, "creator": "U00GUICHET"}, {"id": "G8", "name": "incident-8", "is_member": true, "creator": "U1"}]}`}
	_, d := serve(t, taken)
	if channel, err := d.MakeRoom(t.Context(), "incident-7"); channel != "G7" || err != nil {
		t.Errorf("%q, %v", channel, err)
	}
	for name, c := range map[string]struct {
		room    string
		answer  map[string]string
		granted bool
	}{
		"somebody else's name":           {"incident-1", nil, false},
		"one that somebody has prepared": {"incident-8", nil, false},
		"nobody's":                       {"incident-9", nil, false},
		"without the scope":              {"incident-7", map[string]string{"conversations.create": `{"ok": false, "error": "missing_scope"}`}, false},
		"kept to administrators":         {"incident-7", map[string]string{"conversations.create": `{"ok": false, "error": "restricted_action"}`}, false},
		"a fault":                        {"incident-7", map[string]string{"conversations.create": `{"ok": false, "error": "internal_error"}`}, true},
	} {
		as := answers{}
		for method, answer := range taken {
			as[method] = answer
		}
		for method, answer := range c.answer {
			as[method] = answer
		}
		_, d := serve(t, as)
		if _, err := d.MakeRoom(t.Context(), c.room); err == nil || errors.Is(err, bot.ErrNotGranted) == c.granted {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Who is there already stays there; whom Slack does not let in is not tried again, and all others are.
func TestWhoIsInvited(t *testing.T) {
	for code, want := range map[string]error{"already_in_channel": nil, "cant_invite_self": nil, "user_is_restricted": bot.ErrNotGranted,
		"cant_invite": bot.ErrNotGranted, "user_not_found": bot.ErrNotGranted, "missing_scope": bot.ErrNotGranted} {
		_, d := serve(t, answers{"conversations.invite": `{"ok": false, "error": "` + code + `"}`})
		if err := d.Invite(t.Context(), "G1", "U1"); !errors.Is(err, want) {
			t.Errorf("%s: %v", code, err)
		}
	}
	_, d := serve(t, answers{"conversations.invite": `{"ok": false, "error": "internal_error"}`})
	if err := d.Invite(t.Context(), "G1", "U1"); err == nil || errors.Is(err, bot.ErrNotGranted) {
		t.Errorf("a fault: %v", err)
	}
}

func TestAPinStays(t *testing.T) {
	for code, want := range map[string]error{"already_pinned": nil, "missing_scope": bot.ErrNotGranted, "message_not_found": bot.ErrGone} {
		_, d := serve(t, answers{"pins.add": `{"ok": false, "error": "` + code + `"}`})
		if err := d.Pin(t.Context(), "G1", "1.5"); !errors.Is(err, want) {
			t.Errorf("%s: %v", code, err)
		}
	}
}
