package bot

import (
	"strings"
	"testing"

	"guichet/helpdesk"
	"guichet/markup"
)

// A ticket that is opened with a message has it with its formatting, unless its words were changed in the form.
func TestADraftKeepsFormatting(t *testing.T) {
	long := "**Outlook** " + strings.Repeat("does *not* start. ", 400)
	for _, md := range []string{"**Outlook**\n\n- crashes\n- burns", "plain", "ends…", long} {
		message := markup.FromMarkdown(md).Canonical()
		values := draftFrom(origin{}, message)
		if shown := values["description"]; strings.ContainsAny(shown, "*\u2060") || len([]rune(shown)) > helpdesk.MaxDescription {
			t.Errorf("the form shows %.80q", shown)
		}
		values["description"] = strings.TrimSpace(strings.ReplaceAll(values["description"], "\n", "\r\n")) // as some platforms give it back
		if r := requestOf(values); r.Written != message {
			t.Errorf("%.40q: the ticket says %.80q", md, r.Written)
		}
		values["description"] = "now " + values["description"]
		r := requestOf(values)
		if r.Written != "" || !strings.HasPrefix(r.Description+r.Rest, "now ") {
			t.Errorf("%.40q was changed, and the ticket says %.80q", md, r.Written)
		}
	}
}
