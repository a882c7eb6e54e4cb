package mattermost

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/mattermost/mattermost/server/public/model"

	"guichet/bot"
	"guichet/bot/card"
	"guichet/helpdesk"
	"guichet/markup"
)

const (
	teamID = "f8hg5wfktbddteg6n7iz98116o"
	botID  = "euag9sfrktyyjgmzgdyfgfyque"
	bobID  = "49mhgomwstdeuer5dgxnkeycth"
	root   = "34a5tuxih3nj3roqzjzxz6qxrh"
	secret = "s3cret-s3cret-s3cret-s3cret-s3cret"
)

// door is a door whose server answers every call as a test says.
func door(t testing.TB, answer http.HandlerFunc) *Door {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	d := New(Options{URL: s.URL, Team: teamID, Token: "t0ken", Key: "acme", Callback: "http://guichet.test", Secrets: []string{secret},
		CommandTokens: []string{"one", "two"}, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}, nil)
	d.self.id, d.self.name, d.self.team = botID, "helpdesk", "acme"
	return d
}

func silent(http.ResponseWriter, *http.Request) {}

// recorded is an event as a real server sent it.
func recorded(t *testing.T, name string) *model.WebSocketEvent {
	t.Helper()
	f, err := os.Open(filepath.Join("../../internal/fakemattermost/testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	e, err := model.WebSocketEventFromJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestRecordedEvents(t *testing.T) {
	d := door(t, silent)
	d.remember(root, about{author: botID})
	d.channels.Store("4byszdkegfdutcfo8xcycfoeor", model.ChannelTypeOpen)
	read := func(name string) []incoming {
		t.Helper()
		ins, err := d.decode(t.Context(), recorded(t, name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return ins
	}
	ins := read("event.posted.thread-reply")
	if len(ins) != 2 || ins[0].request.Post == nil || ins[1].request.Mention == nil {
		t.Fatalf("an answer that calls the bot: %+v", ins)
	}
	post, mention := ins[0].request, ins[1].request
	if post.From.ID != bobID || post.Post.Root != root || post.Post.Text != "bob answers @alice @helpdesk" || post.Direct {
		t.Errorf("the answer: %+v %+v", post, post.Post)
	}
	if mention.Mention.Text != "bob answers @alice" || mention.ID == post.ID {
		t.Errorf("the mention: %+v", mention)
	}
	if ins := read("event.posted.direct"); len(ins) != 0 {
		t.Errorf("our own post: %+v", ins)
	}
	edit := read("event.post_edited")[0].request.Revision
	if edit == nil || edit.Text != "bob edited" || edit.Root != root || edit.Deleted {
		t.Errorf("the edit: %+v", edit)
	}
	if gone := read("event.post_deleted")[0].request.Revision; gone == nil || !gone.Deleted || gone.External != edit.External {
		t.Errorf("the deletion: %+v", gone)
	}
	emoji := read("event.reaction_added")[0].request
	if emoji.Reaction.Emoji != "white_check_mark" || emoji.Reaction.Message != root || emoji.From.ID != bobID || emoji.Reaction.Removed {
		t.Errorf("the emoji: %+v", emoji)
	}
	if ins := read("event.user_updated"); len(ins) != 0 {
		t.Errorf("a changed user: %+v", ins)
	}
}

// The server counts the bot among those whom @channel calls: that is no call for guichet.
func TestWhoIsCalled(t *testing.T) {
	d := door(t, silent)
	d.channels.Store("c", model.ChannelTypeOpen)
	for text, want := range map[string]string{"lunch @channel": "-", "@helpdesk help": "help", "help, @helpdesk.": "help, .", "@helpdesk-dev up?": "-", "@helpdesk: now": ": now", "mail@helpdesk.example": "-"} {
		ins, err := d.written(t.Context(), &model.Post{Id: "p", ChannelId: "c", UserId: bobID, Message: text})
		if err != nil {
			t.Fatal(err)
		}
		got := "-"
		for _, in := range ins {
			if in.request.Mention != nil {
				got = in.request.Mention.Text
			}
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// A direct channel is told by its name, which is made of two ids; other channels may have underscores too.
func TestDirectChannels(t *testing.T) {
	d := door(t, silent)
	for name, want := range map[string]bool{botID + "__" + bobID: true, "town__hall": false, botID + "__": false, "": false, "x" + botID + "__" + bobID: false} {
		r, err := d.from(bobID, "bob", root, name)
		if err != nil || r.Direct != want {
			t.Errorf("%q: %v %v", name, r.Direct, err)
		}
	}
}

// Only who wrote a post is trusted: what it says of itself anybody can set.
func TestWhoWrote(t *testing.T) {
	d := door(t, silent)
	for _, c := range []struct {
		name string
		post *model.Post
		want bool
	}{
		{"a person", &model.Post{UserId: bobID}, true},
		{"a person who says to be a bot", &model.Post{UserId: bobID, Props: model.StringInterface{"from_bot": "true"}}, true},
		{"a person under our key", &model.Post{UserId: bobID, Props: model.StringInterface{keyProp: "d1"}}, true},
		{"a person under another name", &model.Post{UserId: bobID, Props: model.StringInterface{"override_username": "helpdesk"}}, true},
		{"the bot", &model.Post{UserId: botID}, false},
		{"the server", &model.Post{UserId: bobID, Type: "system_join_channel"}, false},
		{"a webhook", &model.Post{UserId: bobID, Props: model.StringInterface{"from_webhook": "true"}}, false},
		{"nobody", &model.Post{}, false},
	} {
		if got := d.byPerson(c.post); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	a, err := d.aboutOf(t.Context(), &model.Post{UserId: bobID, Props: model.StringInterface{keyProp: "d1"}})
	if err != nil || a.key != "" {
		t.Errorf("somebody else's post has our key: %+v %v", a, err)
	}
}

// Whatever goes wrong comes out as one of the few kinds that the relay tells apart, never with words in it.
func TestOutcomes(t *testing.T) {
	refusing := func(status int, id string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"id": %q, "message": "s3cret words", "status_code": %d}`, id, status)
		}
	}
	is := func(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   func(error) bool
		reason string
		unsure bool
	}{
		{"a rate limit", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			http.Error(w, "limit exceeded", http.StatusTooManyRequests)
		}, func(err error) bool {
			busy := (*bot.Busy)(nil)
			return errors.As(err, &busy) && busy.For == 7*time.Second
		}, "rate_limited", false},
		{"a root that is gone", refusing(400, "api.post.create_post.root_id.app_error"), is(bot.ErrGone), "root_id", false},
		{"too much text", refusing(400, "model.post.is_valid.msg.app_error"), is(bot.ErrBadCard), "msg", false},
		{"too many properties", refusing(400, "model.post.is_valid.props.app_error"), is(bot.ErrBadCard), "props", false},
		{"a revoked token", refusing(401, "api.context.session_expired.app_error"), Hopeless, "session_expired", false},
		{"a channel that it is not in", refusing(403, "api.context.permissions.app_error"), Answered, "permissions", false},
		{"the server's own trouble", refusing(500, "store.sql_post.save.app_error"), Answered, "save", true},
		{"a post under way already", refusing(400, "api.post.deduplicate_create_post.pending"), Answered, "pending", true},
		{"a page for people", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>s3cret words</html>") }, func(error) bool { return true }, "no_json", true},
		{"a broken line", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, func(err error) bool { return !Answered(err) }, "unreachable", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := door(t, c.answer).Post(t.Context(), "c", "", card.Card{Body: "s3cret words"}, 1)
			if err == nil || !c.want(err) {
				t.Fatalf("%v", err)
			}
			if bot.Reason(err) != c.reason || errors.Is(err, bot.ErrUnsure) != c.unsure || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("reason %q, unsure %v: %v", bot.Reason(err), errors.Is(err, bot.ErrUnsure), err)
			}
		})
	}
}

// A form fits into what clients show, in letters of several bytes too; and files have no field.
func TestDialog(t *testing.T) {
	d := door(t, silent)
	long := strings.Repeat("é", 400)
	f := card.Form{ID: "ticket.new", Title: long, Submit: long, Intro: []string{"*about* @all"}, Links: []card.Link{{Text: "Portal", URL: "https://a.example"}, {Text: "Help", URL: "https://b.example"}}, Inputs: []card.Input{
		{ID: "a", Type: card.Text, Label: long, Hint: long, Longest: 150}, {ID: "b", Type: card.Text, Label: "Reason", Longest: 300},
		{ID: "c", Type: card.Choice, Label: "Kind", Options: []card.Option{{Value: "x", Text: "X"}}},
		{ID: "d", Type: card.Person, Label: "Who"}, {ID: "e", Type: card.Files, Label: "Files"}}}
	dialog, err := d.dialog(f, bot.Request{From: d.account(bobID), Place: d.place(root)})
	if err != nil {
		t.Fatal(err)
	}
	if len(dialog.Title) > 24 || len(dialog.SubmitLabel) > 24 || len(dialog.Elements) != 4 || !utf8.ValidString(dialog.Title) {
		t.Errorf("%+v", dialog)
	}
	for _, e := range dialog.Elements {
		if len(e.DisplayName) > 24 || len(e.HelpText) > 150 || e.Type == "text" && e.MaxLength > 150 {
			t.Errorf("%+v", e)
		}
	}
	if dialog.Elements[1].Type != "textarea" || dialog.Elements[2].Type != "radio" || dialog.Elements[3].DataSource != "users" {
		t.Errorf("%+v", dialog.Elements)
	}
	if n := strings.Count(dialog.IntroductionText, long); n != 2 { // the label and the hint that have no room below
		t.Errorf("the introduction has %d of them: %s", n, dialog.IntroductionText)
	}
	if !strings.Contains(dialog.IntroductionText, "[Portal](https://a.example)\n\n[Help](https://b.example)\n") {
		t.Errorf("the links are %s", dialog.IntroductionText)
	}
	if strings.Contains(dialog.IntroductionText, "@all") {
		t.Error("the introduction rings everybody")
	}
	s, err := d.unseal(dialog.State, bobID)
	if err != nil || s.Form != f.ID {
		t.Errorf("%+v %v", s, err)
	}
	d.now = func() time.Time { return time.Now().Add(lifetime + time.Minute) }
	if _, err := d.unseal(dialog.State, bobID); !errors.Is(err, errExpired) {
		t.Errorf("a day later: %v", err)
	}
}

// Over a change of the secret, what was handed out before goes on working; and afterwards no more.
func TestTheSecretIsChanged(t *testing.T) {
	d := door(t, silent)
	before := d.context("take", "7/desk", binding{key: "d1"})
	path := d.pathOf(secret, forActions)
	d.Secrets = []string{"another secret, which is long enough", secret}
	if _, err := d.readContext(before); err != nil || d.Calls()[path] == nil {
		t.Errorf("while both are accepted: %v", err)
	}
	after := d.context("take", "7/desk", binding{key: "d1"})
	d.Secrets = d.Secrets[:1]
	if _, err := d.readContext(before); !errors.Is(err, errForged) || d.Calls()[path] != nil {
		t.Errorf("afterwards: %v", err)
	}
	if _, err := d.readContext(after); err != nil {
		t.Errorf("what is signed with the new one: %v", err)
	}
}

// However many buttons and facts a card has, it is taken: what does not fit can be done by words.
func TestALargeCardFits(t *testing.T) {
	d := door(t, silent)
	c := card.Card{Title: "#1 " + strings.Repeat("x", 150), Body: strings.Repeat("é*\n", 8000)}
	for i := range 60 {
		c.Fields = append(c.Fields, card.Field{Name: "Name", Value: strings.Repeat("v", 300)})
		c.Buttons = append(c.Buttons, card.Button{ID: "show", Value: fmt.Sprint(i), Text: "#1"})
	}
	p, err := d.render(c, binding{key: "d1"})
	if err != nil {
		t.Fatal(err)
	}
	props, err := json.Marshal(p.GetProps())
	if err != nil || utf8.RuneCount(props) > maxProps || utf8.RuneCountInString(p.Message) > maxMessage {
		t.Errorf("%d of properties, %d of text: %v", utf8.RuneCount(props), utf8.RuneCountInString(p.Message), err)
	}
	small, err := d.render(card.Card{Title: "t", Buttons: c.Buttons[:5]}, binding{key: "d1"})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, a := range small.Attachments()[0].Actions {
		if !regexp.MustCompile(`^[A-Za-z0-9]+$`).MatchString(a.Id) || slices.Contains(ids, a.Id) {
			t.Errorf("the id %q", a.Id)
		}
		ids = append(ids, a.Id)
	}
}

// Whatever is typed elsewhere rings nobody here, and reads as it was typed.
func FuzzLiteral(f *testing.F) {
	for _, s := range []string{"@all", "hi @channel!", "~town", "#tag", "*b* _i_ ~~s~~ `c` ```\nx\n```", "[a](javascript:x)", "> q\n- l\n1. n\n# h", "    code", "<!channel> <@U1> <http://x|y>",
		"https://example.com/a_b_c?x=*", "a\\*b", "|t|\n|-|", "x @bob.smith, @@all \\@here", "é@é", "javascript:alert(1)", "---\n===", "\t@all"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = clean(s)
		got := literal(s)
		rings(t, got)
		if back := markup.FromMarkdown(got).Plain(); back != markup.FromPlain(s).Plain() {
			t.Errorf("%q reads as %q", s, back)
		}
	})
}

var (
	ring = regexp.MustCompile(`@[\pL\pN_.!-]|(?:^|[^~])~[\pL\pN_]|(?:^|\s)#[\pL\pN]|<[!@#]`)
	// Where the server looks for no names.
	nameless = regexp.MustCompile(`\]\([^)\s]*\)|<https?://[^>]*>`)
)

// rings complains of what the server would take for a mention, a channel or a tag.
func rings(t *testing.T, markdown string) {
	t.Helper()
	if found := ring.FindString(nameless.ReplaceAllString(markdown, "]()")); found != "" {
		t.Errorf("%q rings: %q", found, markdown)
	}
}

// links are the addresses that a canonical text links to.
var links = regexp.MustCompile("\u2060\\[([^\u2060]*)\u2060\\|")

// Whatever people write, on whichever platform: on a card it rings nobody, and links to nothing that they did not
// link to.
func FuzzCardRingsNobody(f *testing.F) {
	for _, s := range []string{"@all *b* **b** _i_ ~~s~~", "<!channel> <@U1|all> <https://x.y|@all>", "[@all](https://x.y/@all) ~town #tag", "> - 1. **@here**", "```\n@all\n```",
		"`@all`", "[https://bank.example](https://evil.example)", "<https://evil.example|https://bank.example>", "a@b.example", "\u2060*@\u2060*all", "\u2060[https://x.y\u2060|@\u2060]all"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = clean(s)
		for _, body := range []string{markup.FromMarkdown(s).Canonical(), markup.FromSlack(s, nil).Canonical(), markup.FromForm(s).Canonical(), s} {
			had := map[string]bool{}
			for _, m := range links.FindAllStringSubmatch(markup.FromCanonical(body).Canonical(), -1) {
				had[m[1]] = true
			}
			shown := words(card.Card{Title: s, Body: body, Lines: []string{s}})
			if text := markup.FromCanonical(body); !strings.Contains(text.Canonical(), "\u2060=") && !strings.Contains(text.Canonical(), "\u2060`") { // code rings nobody
				rings(t, shown)
			}
			for _, m := range links.FindAllStringSubmatch(markup.FromMarkdown(shown).Canonical(), -1) {
				if !had[m[1]] && !strings.Contains(markup.FromPlain(s).Plain()+markup.FromCanonical(body).Plain(), m[1]) {
					t.Errorf("%q gained a link to %q: %q", s, m[1], shown)
				}
			}
		}
	})
}

// A file that was tampered with on the way, or is larger than it says, is not taken.
func TestFetch(t *testing.T) {
	d := door(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer t0ken" {
			t.Error("without the token")
		}
		switch filepath.Base(r.URL.Path) {
		case "ten":
			fmt.Fprint(w, "0123456789")
		case "gone":
			w.WriteHeader(404)
		case "foreign":
			w.WriteHeader(403)
		case "busy":
			w.Header().Set("Retry-After", "2")
			w.WriteHeader(429)
		}
	})
	for _, c := range []struct {
		id         string
		size, most int64
		want       error
	}{{"ten", 10, 10, nil}, {"ten", 10, 9, bot.ErrTooLarge}, {"ten", 0, 9, bot.ErrTooLarge}, {"gone", 1, 9, bot.ErrGone}, {"foreign", 1, 9, bot.ErrNoAccess}} {
		if _, err := d.Fetch(t.Context(), helpdesk.FileRef{ID: c.id, Size: c.size}, io.Discard, c.most); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.id, err, c.want)
		}
	}
	if _, err := d.Fetch(t.Context(), helpdesk.FileRef{ID: "ten", Size: 11}, io.Discard, 100); err == nil {
		t.Error("a byte is missing, and it is taken")
	}
	busy := (*bot.Busy)(nil)
	if _, err := d.Fetch(t.Context(), helpdesk.FileRef{ID: "busy"}, io.Discard, 9); !errors.As(err, &busy) || busy.For != 2*time.Second {
		t.Errorf("busy: %v", err)
	}
}
