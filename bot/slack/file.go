package slack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"guichet/bot"
)

// Fetch implements bot.Fetcher. Slack answers who may not have a file with a page to sign in, as if
// all were well: that page is never taken for the file.
func (d *Door) Fetch(ctx context.Context, f bot.File, to io.Writer, most int64) (int64, error) {
	if f.Size > most {
		return 0, bot.ErrTooLarge
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.URL, nil)
	if err != nil || !d.holdsFiles(req.URL) {
		return 0, bot.Because("foreign_address", errors.New("slack: the file is not at an address of Slack's"))
	}
	req.Header.Set("Authorization", "Bearer "+d.BotToken)
	r, err := d.files.Do(req)
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		err = wrapped.Err // without the address, which holds the file's name
	}
	if err != nil {
		return 0, fmt.Errorf("slack: file: %w", err)
	}
	defer r.Body.Close()
	switch {
	case r.StatusCode == http.StatusNotFound, r.StatusCode == http.StatusGone:
		return 0, bot.Because("file_deleted", fmt.Errorf("slack: file: %w", bot.ErrGone))
	case r.StatusCode == http.StatusForbidden, r.StatusCode == http.StatusUnauthorized:
		return 0, bot.Because("no_access", fmt.Errorf("slack: file: %w", bot.ErrNoAccess))
	case r.StatusCode == http.StatusTooManyRequests:
		seconds, _ := strconv.Atoi(r.Header.Get("Retry-After"))
		return 0, &bot.Busy{For: max(time.Second, time.Duration(seconds)*time.Second)}
	case r.StatusCode != http.StatusOK:
		return 0, bot.Because(fmt.Sprintf("http_%d", r.StatusCode), fmt.Errorf("slack: file: status %d", r.StatusCode))
	case isPage(r.Header.Get("Content-Type")) && (!isPage(f.Type) || f.Size == 0):
		return 0, bot.Because("no_access", fmt.Errorf("slack: file: a page to sign in: %w", bot.ErrNoAccess))
	}
	n, err := io.Copy(to, io.LimitReader(r.Body, most+1))
	switch {
	case err != nil:
		return n, fmt.Errorf("slack: file: %w", err)
	case n > most:
		return n, bot.ErrTooLarge
	case f.Size > 0 && n != f.Size:
		return n, fmt.Errorf("slack: file: %d bytes came, of %d", n, f.Size)
	}
	return n, nil
}

// holdsFiles says whether the bot's token may be shown to an address: Slack's own hosts, or that of the
// stand-in that the door leads to.
func (d *Door) holdsFiles(u *url.URL) bool {
	api, err := url.Parse(cmp.Or(d.APIURL, DefaultAPI))
	if err != nil || u.Scheme != api.Scheme {
		return false
	}
	return u.Host == api.Host || api.Host == "slack.com" && strings.HasSuffix(u.Host, ".slack.com")
}

func isPage(contentType string) bool {
	kind, _, _ := mime.ParseMediaType(contentType)
	return kind == "text/html"
}

var _ bot.Fetcher = (*Door)(nil)
