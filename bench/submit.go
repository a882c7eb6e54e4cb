package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// people is how many persons send forms in turn: of those under way together, no two are one's.
const people = 1000

// What is replaced in the form for each submission, at its width.
const (
	nonceMark  = "N-000000000"
	personMark = 1_000_000_001
	userMark   = "U00000000"
)

// words is a text of so many bytes that does not compress to nothing.
func words(n int) string {
	r := rand.New(rand.NewPCG(1, 2)) // the same in every run
	var b strings.Builder
	for b.Len() < n {
		for range 2 + r.IntN(8) {
			b.WriteByte(byte('a' + r.IntN(26)))
		}
		b.WriteByte(' ')
	}
	return b.String()[:n]
}

// form is the last step of the form for a new ticket as Slack sends it, 5 KB in all.
func form() []byte {
	input := func(id, label string) map[string]any {
		return map[string]any{"type": "input", "block_id": id, "label": map[string]any{"type": "plain_text", "text": label, "emoji": true},
			"optional": false, "dispatch_action": false, "element": map[string]any{"type": "plain_text_input", "action_id": id,
				"dispatch_action_config": map[string]any{"trigger_actions_on": []string{"on_enter_pressed"}}}}
	}
	value := func(id, text string) map[string]any {
		return map[string]any{id: map[string]any{"type": "plain_text_input", "value": text}}
	}
	payload := map[string]any{
		"type": "view_submission", "api_app_id": "A01BENCH", "token": "unused", "trigger_id": "1.2.3",
		"team": map[string]any{"id": team, "domain": "bench"},
		"user": map[string]any{"id": userMark, "username": "somebody", "name": "somebody", "team_id": team},
		"view": map[string]any{"id": "V01", "team_id": team, "type": "modal", "callback_id": "ticket.new", "hash": "1.abc",
			"private_metadata": fmt.Sprintf(`{"n": %q, "p": %d, "s": "describe"}`, nonceMark, personMark),
			"title":            map[string]any{"type": "plain_text", "text": "New ticket"},
			"submit":           map[string]any{"type": "plain_text", "text": "Send"}, "close": map[string]any{"type": "plain_text", "text": "Cancel"},
			"blocks": []any{input("subject", "Subject"), input("description", "Description")},
			"state": map[string]any{"values": map[string]any{"subject": value("subject", "Outlook does not open since this morning"),
				"description": value("description", words(2500))}}},
	}
	b, err := json.Marshal(payload)
	if err != nil {
		panic(err)
	}
	return []byte(url.Values{"payload": {string(b)}}.Encode())
}

// sender makes submissions, each with a nonce of its own, and sends them.
type sender struct {
	body   []byte
	client *http.Client
	next   atomic.Int64 // the number of the nonce
}

func newSender() *sender {
	return &sender{body: form(), client: &http.Client{Timeout: 20 * time.Second,
		Transport: &http.Transport{MaxIdleConns: 1000, MaxIdleConnsPerHost: 1000}}}
}

// nonce and account are what a submission's number stands for; person is the number's in the database.
func nonce(n int64) string        { return fmt.Sprintf("N-%09d", n) }
func account(n int64) string      { return fmt.Sprintf("U%08d", n%people) }
func person(n, first int64) int64 { return first + n%people }

// send makes one submission and says whether it was accepted without a word.
func (s *sender) send(ctx context.Context, address string, n int64) error {
	body := bytes.ReplaceAll(s.body, []byte(nonceMark), []byte(nonce(n)))
	body = bytes.ReplaceAll(body, []byte(userMark), []byte(account(n)))
	body = bytes.ReplaceAll(body, []byte(strconv.Itoa(personMark)), []byte(strconv.FormatInt(person(n, firstPerson), 10)))
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", sign(stamp, body))
	res, err := s.client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	if err == nil && (res.StatusCode != http.StatusOK || len(said) > 0) {
		err = fmt.Errorf("%s answers %d %.200s", address, res.StatusCode, said)
	}
	return err
}

func sign(stamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = fmt.Fprintf(mac, "v0:%s:", stamp)
	_, _ = mac.Write(body)
	return "v0=" + hex.EncodeToString(mac.Sum(nil))
}

// closed lets so many clients send one after the other, and returns the rate.
func (s *sender) closed(ctx context.Context, address string, clients int, length time.Duration) (rate float64, sent int, err error) {
	return closedLoop(ctx, clients, length, func(ctx context.Context) error { return s.send(ctx, address, s.next.Add(1)) })
}

// closedLoop runs act by so many workers for a time, and returns the rate and how often it was done.
func closedLoop(ctx context.Context, workers int, length time.Duration, act func(context.Context) error) (rate float64, done int, err error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var n atomic.Int64
	var all sync.WaitGroup
	began := time.Now()
	for range workers {
		all.Go(func() {
			for time.Since(began) < length && ctx.Err() == nil {
				if err := act(ctx); err != nil {
					stop(err)
					return
				}
				n.Add(1)
			}
		})
	}
	all.Wait()
	return float64(n.Load()) / time.Since(began).Seconds(), int(n.Load()), context.Cause(ctx)
}

// open sends at a fixed rate, whatever the answers, and returns how long each took since it was due,
// in order, and how many were refused: a person was told to try again.
func (s *sender) open(ctx context.Context, address string, rate int, length time.Duration) (took []time.Duration, refused int, err error) {
	took = make([]time.Duration, int(length.Seconds()*float64(rate)))
	var n atomic.Int64
	var all sync.WaitGroup
	began := time.Now()
	for i := range took {
		due := began.Add(time.Duration(i) * time.Second / time.Duration(rate))
		time.Sleep(time.Until(due))
		all.Go(func() {
			if s.send(ctx, address, s.next.Add(1)) != nil {
				n.Add(1)
			}
			took[i] = time.Since(due)
		})
	}
	all.Wait()
	slices.Sort(took)
	return took, int(n.Load()), ctx.Err()
}
