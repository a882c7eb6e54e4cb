package mattermost

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"

	"github.com/google/uuid"
	"github.com/mattermost/mattermost/server/public/model"

	"guichet/bot"
	"guichet/helpdesk"
)

// filesOf are the files on a post. Old servers do not say in an event what they are.
func (d *Door) filesOf(ctx context.Context, p *model.Post) (refs []helpdesk.FileRef, err error) {
	if len(p.FileIds) == 0 {
		return nil, nil
	}
	var infos []*model.FileInfo
	if p.Metadata != nil {
		infos = p.Metadata.Files
	}
	if len(infos) == 0 {
		var r *model.Response
		if infos, r, err = d.api.GetFileInfosForPost(ctx, p.Id, ""); err != nil {
			return nil, outcome("posts/files", r, err)
		}
	}
	for _, f := range infos {
		if f.DeleteAt == 0 {
			refs = append(refs, helpdesk.FileRef{ID: f.Id, Name: clean(f.Name), Type: f.MimeType, Size: f.Size})
		}
	}
	return refs, nil
}

// Fetch implements bot.Fetcher.
func (d *Door) Fetch(ctx context.Context, f helpdesk.FileRef, to io.Writer, most int64) (int64, error) {
	if f.Size > most {
		return 0, bot.ErrTooLarge
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.api.APIURL+"/files/"+url.PathEscape(f.ID), nil)
	if err != nil {
		return 0, errors.New("mattermost: files: not an address")
	}
	req.Header.Set("Authorization", "Bearer "+d.Token)
	r, err := d.files.Do(req)
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if err != nil {
		return 0, fmt.Errorf("mattermost: files: %w", err)
	}
	defer r.Body.Close()
	switch {
	case r.StatusCode == http.StatusNotFound:
		return 0, bot.Because("file_deleted", fmt.Errorf("mattermost: files: %w", bot.ErrGone))
	case r.StatusCode == http.StatusForbidden:
		return 0, bot.Because("no_access", fmt.Errorf("mattermost: files: %w", bot.ErrNoAccess))
	case r.StatusCode == http.StatusTooManyRequests:
		return 0, &bot.Busy{For: retryAfter(r.Header)}
	case r.StatusCode != http.StatusOK:
		return 0, bot.Because(fmt.Sprintf("http_%d", r.StatusCode), fmt.Errorf("mattermost: files: status %d", r.StatusCode))
	}
	n, err := io.Copy(to, io.LimitReader(r.Body, most+1))
	switch {
	case err != nil:
		return n, fmt.Errorf("mattermost: files: %w", err)
	case n > most:
		return n, bot.ErrTooLarge
	case f.Size > 0 && n != f.Size:
		return n, fmt.Errorf("mattermost: files: %d bytes came, of %d", n, f.Size)
	}
	return n, nil
}

// Upload implements bot.Uploader. Mattermost has no descriptions of pictures: the words beside one must do.
func (d *Door) Upload(ctx context.Context, channel, name, _ string, _ int64, from io.Reader) (string, error) {
	bytes, err := io.ReadAll(from)
	if err != nil {
		return "", bot.Because("files", err)
	}
	up, r, err := d.api.UploadFile(ctx, bytes, channel, name)
	if err != nil {
		return "", outcome("upload", r, err)
	}
	if len(up.FileInfos) != 1 {
		return "", bot.Because("no_file", errors.New("mattermost: upload: no file came of it"))
	}
	return up.FileInfos[0].Id, nil
}

// Share implements bot.Uploader. The server drops a file that it does not want there without a word.
func (d *Door) Share(ctx context.Context, id, _, channel, root, words string) error {
	p := &model.Post{ChannelId: channel, RootId: root, Message: cut(literal(words), maxMessage), FileIds: model.StringArray{id}}
	p.AddProp(keyProp, answerKey+uuid.NewString())
	made, r, err := d.api.CreatePost(ctx, p)
	if err != nil {
		return outcome("posts", r, err)
	}
	if !slices.Contains(made.FileIds, id) {
		_, _ = d.api.DeletePost(ctx, made.Id)
		return bot.Because("file_dropped", errors.New("mattermost: posts: the file was dropped"))
	}
	return nil
}

// Unshare implements bot.Uploader.
func (d *Door) Unshare(ctx context.Context, id string) error {
	f, r, err := d.api.GetFileInfo(ctx, id)
	if err != nil {
		return outcome("files/info", r, err)
	}
	if f.PostId == "" {
		return nil // nobody ever saw it, and nobody can
	}
	r, err = d.api.DeletePost(ctx, f.PostId)
	return outcome("posts/delete", r, err)
}

// Shared implements bot.Uploader.
func (d *Door) Shared(ctx context.Context, id, _ string) (bool, error) {
	f, r, err := d.api.GetFileInfo(ctx, id)
	if err != nil {
		return false, outcome("files/info", r, err)
	}
	return f.PostId != "", nil
}

var (
	_ bot.Fetcher  = (*Door)(nil)
	_ bot.Uploader = (*Door)(nil)
)
