package strictslack

import "testing"

func TestChannelsOfTheBotsOwn(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	room := text(must(t, s, "conversations.create", obj{"name": "incident-1", "is_private": "true"}), "channel", "id")
	for _, c := range []struct {
		want, method string
		args         obj
	}{
		{"name_taken", "conversations.create", obj{"name": "incident-1", "is_private": "true"}},
		{"invalid_name_specials", "conversations.create", obj{"name": "Incident 1"}},
		{"invalid_name_required", "conversations.create", obj{}},
		{"channel_not_found", "conversations.invite", obj{"channel": secretPlace, "users": nadia}},
		{"user_not_found", "conversations.invite", obj{"channel": room, "users": "U0NOBODY"}},
		{"cant_invite_self", "conversations.invite", obj{"channel": room, "users": botUser}},
		{"no_item_specified", "pins.add", obj{"channel": room}},
		{"message_not_found", "pins.add", obj{"channel": room, "timestamp": "1.000001"}},
	} {
		refused(t, s, c.want, c.method, c.args)
	}
	must(t, s, "conversations.invite", obj{"channel": room, "users": nadia})
	refused(t, s, "already_in_channel", "conversations.invite", obj{"channel": room, "users": nadia})
	ts := text(must(t, s, "chat.postMessage", obj{"channel": room, "text": "here"}), "ts")
	must(t, s, "pins.add", obj{"channel": room, "timestamp": ts})
	refused(t, s, "already_pinned", "pins.add", obj{"channel": room, "timestamp": ts})
	if id, members := s.ChannelNamed("incident-1"); id != room || len(members) != 2 || !s.Pinned(room, ts) {
		t.Errorf("the channel is %s with %v", id, members)
	}
}
