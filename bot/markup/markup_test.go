package markup

import "testing"

func TestSlackFirst(t *testing.T) {
	for _, s := range []string{"a *b* _c_ `d` ~e~", "x\n• a\n    ◦ b\n• c\nend", "&gt; q\n&gt; r\ns", "<https://x.y|go> <@U1> :smile: 1 &lt; 2", "```\na\n```", "1. a\n2. b"} {
		got := FromSlack(s, nil)
		t.Logf("%q\n%q\n%q\n%+v", s, got.Slack(), got.Plain(), got.blocks)
		if !FromSlack(got.Slack(), nil).Equal(got) {
			t.Error("no round trip")
		}
	}
}
