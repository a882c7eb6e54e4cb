package slack

import (
	"slices"
	"strings"
	"testing"
)

// The manifest switches on what the code relies on, and what it can't cope with off.
func TestManifestSwitches(t *testing.T) {
	var m map[string]any
	readManifest(t, &m)
	calls := func(method string) bool {
		return slices.ContainsFunc(Methods, func(u Use) bool { return u.Name == method })
	}
	for _, s := range []struct {
		name string
		want bool
		why  string
	}{
		{"features.app_home.messages_tab_enabled", true, "a ticket's conversation with its requester is there"},
		{"features.app_home.messages_tab_read_only_enabled", false, "the requester answers there"},
		{"features.app_home.home_tab_enabled", calls("views.publish"), "it would stay empty"},
		{"settings.interactivity.is_enabled", true, "cards have buttons, and forms are sent"},
		{"settings.org_deploy_enabled", false, "a door has the token of one workspace"},
		{"settings.token_rotation_enabled", false, "the door never asks for another token"},
	} {
		var v any = m
		for part := range strings.SplitSeq(s.name, ".") {
			in, _ := v.(map[string]any)
			v = in[part]
		}
		if v != s.want {
			t.Errorf("%s is %v, must be %v: %s", s.name, v, s.want, s.why)
		}
	}
}
