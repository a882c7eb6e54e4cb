package mattermost

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"guichet/bot"
)

// apiError is the server's own answer that something can't be done. Of its words only the id is kept: the
// others may quote what people wrote.
type apiError struct {
	status int
	id     string
}

func (e apiError) Error() string { return fmt.Sprintf("status %d %s", e.status, e.id) }

// outcome puts the errors of the API into the few kinds that the relay tells apart.
func outcome(call string, r *model.Response, err error) error {
	if err == nil {
		return nil
	}
	fail := func(err error) error { return fmt.Errorf("mattermost: %s: %w", call, err) }
	if r == nil || r.StatusCode == 0 {
		if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return fail(err)
	}
	if r.StatusCode == http.StatusTooManyRequests { // its body is no JSON
		return fail(&bot.Busy{For: retryAfter(r.Header)})
	}
	answer := apiError{status: r.StatusCode, id: "?"}
	if app := (*model.AppError)(nil); errors.As(err, &app) && code.MatchString(app.Id) {
		answer.id = app.Id
	} else if page := (*json.SyntaxError)(nil); errors.As(err, &page) || r.StatusCode < 300 {
		return fail(bot.Because("no_json", errors.New("something on the way answers in the server's place")))
	}
	return fail(bot.Because(reasonOf(answer), kindOf(call, answer)))
}

// code is what the server's error ids look like.
var code = regexp.MustCompile(`^[a-z0-9_.]{1,100}$`)

func reasonOf(e apiError) string {
	if e.id == "?" {
		return fmt.Sprintf("http_%d", e.status)
	}
	parts := strings.Split(strings.TrimSuffix(e.id, ".app_error"), ".")
	return parts[len(parts)-1]
}

func kindOf(call string, e apiError) error {
	kind := func(k error) error { return fmt.Errorf("%w: %w", k, e) }
	switch {
	case e.status == http.StatusNotFound && strings.HasPrefix(call, "posts"), e.status == http.StatusNotFound && strings.HasPrefix(call, "files"):
		return kind(bot.ErrGone)
	case e.id == "api.post.create_post.root_id.app_error", e.id == "api.post.update_post.permissions_details.app_error",
		e.id == "api.post.create_post.channel_root_id.app_error":
		return kind(bot.ErrGone)
	case strings.HasPrefix(e.id, "model.post.is_valid."), e.status == http.StatusRequestEntityTooLarge:
		return kind(bot.ErrBadCard)
	case e.status == http.StatusNotFound && (call == "users" || call == "channels/direct"):
		return kind(bot.ErrNobody)
	}
	return e
}

// retryAfter is for how long the server wants to be left alone.
func retryAfter(h http.Header) time.Duration {
	for _, name := range []string{"Retry-After", "X-Ratelimit-Reset"} {
		if seconds, err := strconv.Atoi(h.Get(name)); err == nil && seconds > 0 && seconds < 3600 {
			return time.Duration(seconds) * time.Second
		}
	}
	return time.Second
}

// unsure says whether a call that failed may have been carried out all the same.
func unsure(err error) bool {
	if busy := (*bot.Busy)(nil); errors.As(err, &busy) {
		return false
	}
	if dial := (*net.OpError)(nil); errors.As(err, &dial) && dial.Op == "dial" {
		return false
	}
	var answer apiError
	if !errors.As(err, &answer) {
		return true
	}
	return answer.status >= 500 || strings.HasPrefix(answer.id, "api.post.deduplicate_create_post.")
}

// Answered says whether an error is the server's own answer, rather than that it was not reached.
func Answered(err error) bool {
	var answer apiError
	return errors.As(err, &answer)
}

// Hopeless says whether an error will last until an operator mends it: a token that the server does not, or
// no longer, accept, or a bot that is not in the team.
func Hopeless(err error) bool {
	var answer apiError
	if !errors.As(err, &answer) {
		return false
	}
	return answer.status == http.StatusUnauthorized || answer.status == http.StatusForbidden && strings.Contains(err.Error(), ": teams:")
}
