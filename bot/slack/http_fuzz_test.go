package slack

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
)

// Whatever comes to the request URL is answered with one of the few statuses that Slack understands, and
// without a signature nothing of it is looked at.
func FuzzServeHTTP(f *testing.F) {
	const form = "application/x-www-form-urlencoded"
	f.Add("application/json", `{"type":"url_verification","challenge":"x"}`)
	f.Add("application/json", `{"type":"app_rate_limited"}`)
	f.Add("application/json", `{"type":"event_callback","team_id":"T01ACME","event_id":"Ev1","event":{"type":"message","channel_type":"im","user":"U01ALICE","channel":"D1","ts":"1.1","text":"hello"}}`)
	f.Add("application/json", `[`)
	f.Add(form, url.Values{"command": {"/ticket"}, "text": {"list"}, "team_id": {team}, "user_id": {"U01ALICE"}}.Encode())
	f.Add(form, url.Values{"payload": {`{"type":"block_actions","team":{"id":"T01ACME"},"user":{"id":"U01ALICE"},"actions":[{"action_id":"show","value":"1"}]}`}}.Encode())
	f.Add(form, url.Values{"payload": {`{"type":"view_submission","team":{"id":"T01ACME"},"user":{"id":"U01ALICE"},"view":{"callback_id":"ticket.new"}}`}}.Encode())
	f.Add(form, "payload=%zz")
	f.Add("", "\x00")
	c := newCaller(f)
	f.Fuzz(func(t *testing.T, kind, body string) {
		c.t = t
		if r := c.call(kind, body, nil); !slices.Contains([]int{http.StatusOK, http.StatusBadRequest}, r.Code) {
			t.Errorf("%q: %d %s", body, r.Code, r.Body)
		}
		unsigned := c.call(kind, body, func(r *http.Request) { r.Header.Del("X-Slack-Signature") })
		if unsigned.Code != http.StatusUnauthorized {
			t.Errorf("without a signature: %d", unsigned.Code)
		}
	})
}
