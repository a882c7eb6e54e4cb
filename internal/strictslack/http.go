package strictslack

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// address is where guichet takes signed requests.
type address struct{ url, secret string }

const ended = "the strict Slack has ended"

// maxResponse bounds what guichet may answer a request with: a form at most.
const maxResponse = 1 << 20

// overHTTP posts an envelope to guichet's request URL.
func (s *Server) overHTTP(e envelope, _ string, payload []byte) func() outcome {
	answered := make(chan outcome, 1)
	s.spawn(func() { answered <- s.post(e, payload) })
	return func() outcome {
		select {
		case o := <-answered:
			return o
		case <-s.ctx.Done():
			return outcome{verdict: ended}
		}
	}
}

func (s *Server) post(e envelope, payload []byte) outcome {
	ctx, cancel := context.WithTimeout(s.ctx, s.o.clock.Ack)
	defer cancel()
	kind, body := "application/json", payload
	switch e.kind {
	case "slash_commands":
		kind, body = "application/x-www-form-urlencoded", form(e.payload)
	case "interactive":
		kind, body = "application/x-www-form-urlencoded", []byte(url.Values{"payload": {string(payload)}}.Encode())
	}
	header := http.Header{"Content-Type": {kind}}
	if e.attempt > 0 {
		header.Set("X-Slack-Retry-Num", strconv.Itoa(e.attempt))
		header.Set("X-Slack-Retry-Reason", e.reason)
	}
	status, answer, no, err := s.signed(ctx, header, body)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return outcome{verdict: "timeout", reason: "http_timeout"}
	case s.ctx.Err() != nil:
		return outcome{verdict: ended}
	case err != nil:
		return outcome{verdict: "no connection", reason: "connection_failed"}
	case status < 200 || status > 299:
		return outcome{verdict: fmt.Sprintf("http %d", status), reason: "http_error", no: no}
	case s.hub.loses():
		return outcome{verdict: "ack lost", reason: "http_timeout"}
	}
	if !json.Valid(answer) {
		if len(answer) > 0 && e.kind == "interactive" {
			s.book.refuse("ack", "not_json")
		}
		answer = nil
	}
	return outcome{acked: true, verdict: "acked", answer: answer}
}

// signed posts something with Slack's signature.
func (s *Server) signed(ctx context.Context, header http.Header, body []byte) (status int, answer []byte, noRetry bool, err error) {
	to := s.hub.address()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, false, err
	}
	req.Close = true // a connection kept for later, and never used, would hold up a server that stops
	req.Header = header
	req.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	at := strconv.FormatInt(time.Now().Unix(), 10)
	req.Header.Set("X-Slack-Request-Timestamp", at)
	req.Header.Set("X-Slack-Signature", Signature(cmp.Or(to.secret, s.up.Config.App.SigningSecret), at, body))
	r, err := s.client.Do(req)
	if err != nil {
		return 0, nil, false, err
	}
	defer r.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(r.Body, maxResponse))
	return r.StatusCode, answer, r.Header.Get("X-Slack-No-Retry") == "1", err
}

// Signature signs a request's body as Slack does; at are seconds since 1970.
func Signature(secret, at string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%s:%s", at, body)
	return "v0=" + hex.EncodeToString(mac.Sum(nil))
}

// form is a command as a form.
func form(payload obj) []byte {
	values := url.Values{}
	for name, v := range payload {
		said := fmt.Sprint(v)
		if raw, ok := v.(json.RawMessage); ok { // of Command
			_ = json.Unmarshal(raw, &said)
		}
		values.Set(name, said)
	}
	return []byte(values.Encode())
}

// VerifyURL asks whether the request URL is guichet's, as Slack does when it is entered.
func (s *Server) VerifyURL(ctx context.Context) error {
	challenge := strings.ToLower(random(50))
	body, err := json.Marshal(obj{"token": "verification-token", "challenge": challenge, "type": "url_verification"})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.o.clock.Ack)
	defer cancel()
	status, answer, _, err := s.signed(ctx, http.Header{"Content-Type": {"application/json"}}, body)
	if err != nil {
		return err
	}
	var echo struct{ Challenge string }
	if status != http.StatusOK || string(answer) != challenge && (json.Unmarshal(answer, &echo) != nil || echo.Challenge != challenge) {
		return fmt.Errorf("the request URL did not answer with the challenge: %d %.100q", status, answer)
	}
	return nil
}
