package helpdesk_test

import (
	"strings"
	"testing"

	"guichet/helpdesk"
)

func TestTags(t *testing.T) {
	for text, want := range map[string]string{
		"": "", " , ;": "", "VPN, Printer": "printer vpn", "#vpn vpn": "vpn", "étage-2": "étage-2", "a.b_c": "a.b_c",
		"-x": "!" + helpdesk.BadTag, "a/b": "!" + helpdesk.BadTag, "<@U1>": "!" + helpdesk.BadTag, strings.Repeat("x", 31): "!" + helpdesk.TagTooLong,
		strings.Repeat("é", 30): strings.Repeat("é", 30), "a b c d e f g h i j k": "!" + helpdesk.TooManyTags,
	} {
		tags, wrong := helpdesk.ParseTags(text)
		got := strings.Join(tags, " ")
		if wrong != "" {
			got = "!" + wrong
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
