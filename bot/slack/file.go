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
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackutilsx"

	"guichet/bot"
	"guichet/helpdesk"
)

// Fetch implements bot.Fetcher. Slack answers who may not have a file with a page to sign in, as if
// all were well: that page is never taken for the file.
func (d *Door) Fetch(ctx context.Context, f helpdesk.FileRef, to io.Writer, most int64) (int64, error) {
	if f.Size > most {
		return 0, bot.ErrTooLarge
	}
	if f.URL == "" { // of a shared channel: Slack tells more when asked
		about, _, _, err := d.api.GetFileInfoContext(ctx, f.ID, 0, 0)
		if err != nil {
			return 0, fmt.Errorf("slack: files.info: %w", outcome(err))
		}
		f.URL, f.Size, f.Type = about.URLPrivateDownload, int64(about.Size), about.Mimetype
		if f.Size > most {
			return 0, bot.ErrTooLarge
		}
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

// Upload implements bot.Uploader.
func (d *Door) Upload(ctx context.Context, _, name, about string, size int64, from io.Reader) (string, error) {
	to, err := d.api.GetUploadURLExternalContext(ctx, slack.GetUploadURLExternalParameters{FileName: name, FileSize: int(size), AltTxt: about})
	if err != nil {
		return "", fmt.Errorf("slack: files.getUploadURLExternal: %w", outcome(err))
	}
	// As it is: a form around it would do no good to anybody.
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.UploadURL, from)
	if err != nil || !d.holdsFiles(req.URL) {
		return "", bot.Because("foreign_address", errors.New("slack: the file is wanted at an address that is not Slack's"))
	}
	req.ContentLength = size
	req.Header.Set("Content-Type", "application/octet-stream")
	r, err := d.files.Do(req)
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if err != nil {
		return "", fmt.Errorf("slack: upload: %w", err)
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		return "", bot.Because(fmt.Sprintf("http_%d", r.StatusCode), fmt.Errorf("slack: upload: status %d", r.StatusCode))
	}
	return to.FileID, nil
}

// Share implements bot.Uploader.
func (d *Door) Share(ctx context.Context, id, name, channel, root, words string) error {
	_, err := d.api.CompleteUploadExternalContext(ctx, slack.CompleteUploadExternalParameters{Files: []slack.FileSummary{{ID: id, Title: name}},
		Channel: channel, ThreadTimestamp: root, InitialComment: slackutilsx.EscapeMessage(words)})
	if err != nil {
		return fmt.Errorf("slack: files.completeUploadExternal: %w", outcome(err))
	}
	return nil
}

// Unshare implements bot.Uploader.
func (d *Door) Unshare(ctx context.Context, id string) error {
	if err := d.api.DeleteFileContext(ctx, id); err != nil {
		return fmt.Errorf("slack: files.delete: %w", outcome(err))
	}
	return nil
}

// Shared implements bot.Uploader.
func (d *Door) Shared(ctx context.Context, id, channel string) (bool, error) {
	f, _, _, err := d.api.GetFileInfoContext(ctx, id, 0, 0)
	if err != nil {
		return false, fmt.Errorf("slack: files.info: %w", outcome(err))
	}
	return len(f.Shares.Private[channel]) > 0 || len(f.Shares.Public[channel]) > 0 || slices.Contains(f.Groups, channel) ||
		slices.Contains(f.IMs, channel) || slices.Contains(f.Channels, channel), nil
}

var (
	_ bot.Fetcher  = (*Door)(nil)
	_ bot.Uploader = (*Door)(nil)
)
