package localslack

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
)

// startBot runs a tiny bot in Socket Mode: it says what it hears again, and
// answers /ask with a form that wants a longer subject.
func startBot(t *testing.T, s *Server) *slack.Client {
	t.Helper()
	cfg := s.Config.App
	api := slack.New(cfg.BotToken, slack.OptionAppLevelToken(cfg.AppToken), slack.OptionAPIURL(s.APIURL))
	// local-slack sends no WebSocket pings, whose absence slack-go takes for a dead line.
	client := socketmode.New(api, socketmode.OptionPingInterval(24*time.Hour))

	ctx, cancel := context.WithCancel(t.Context())
	connected := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = client.RunContext(ctx)
	}()
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-client.Events:
				if e.Type == socketmode.EventTypeHello {
					close(connected)
					continue
				}
				if e.Request == nil {
					continue
				}
				if err := answer(api, client, e); err != nil {
					t.Errorf("the bot: %v", err)
				}
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-ended })
	select {
	case <-connected:
	case <-time.After(patience):
		t.Fatal("the bot did not connect")
	}
	return api
}

func answer(api *slack.Client, client *socketmode.Client, e socketmode.Event) error {
	var err error
	switch data := e.Data.(type) {
	case slackevents.EventsAPIEvent:
		client.Ack(*e.Request)
		if m, ok := data.InnerEvent.Data.(*slackevents.MessageEvent); ok {
			_, _, err = api.PostMessage(m.Channel, slack.MsgOptionText("heard: "+m.Text, false), slack.MsgOptionTS(m.TimeStamp),
				slack.MsgOptionBlocks(
					slack.NewSectionBlock(plain("You said something"), nil, nil),
					slack.NewActionBlock("b1", slack.NewButtonBlockElement("again", "v1", plain("Again")))))
		}
	case slack.SlashCommand:
		_, err = api.OpenView(data.TriggerID, form("form", "Ask"))
		client.Ack(*e.Request)
	case slack.InteractionCallback:
		if data.Type == slack.InteractionTypeBlockActions {
			client.Ack(*e.Request)
			a := data.ActionCallback.BlockActions[0]
			_, _, err = api.PostMessage(data.Channel.ID, slack.MsgOptionText("pressed: "+a.BlockID+"/"+a.ActionID+"="+a.Value, false))
			break
		}
		subject := data.View.State.Values["subject"]["text"].Value
		urgency := data.View.State.Values["urgency"]["choice"].SelectedOption.Value
		switch {
		case len(subject) < 5:
			client.Ack(*e.Request, slack.NewErrorsViewSubmissionResponse(map[string]string{"subject": "Too short"}))
		case data.View.CallbackID == "form":
			// An update before the answer: Submit must not take it for the answer.
			if _, err = api.UpdateView(form("wait", "Wait"), "", "", data.View.ID); err != nil {
				return err
			}
			next := form("sure", "Sure?")
			next.PrivateMetadata = subject + " " + urgency
			client.Ack(*e.Request, slack.NewUpdateViewSubmissionResponse(&next))
		default:
			client.Ack(*e.Request)
		}
	}
	return err
}

func plain(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, text, false, false)
}

func form(callback, title string) slack.ModalViewRequest {
	urgency := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, "choice",
		slack.NewOptionBlockObject("low", plain("Low"), nil), slack.NewOptionBlockObject("high", plain("High"), nil))
	urgency.InitialOption = slack.NewOptionBlockObject("low", plain("Low"), nil)
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: callback, Title: plain(title), Submit: plain("Send"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewInputBlock("subject", plain("Subject"), nil, slack.NewPlainTextInputBlockElement(nil, "text")),
			slack.NewInputBlock("urgency", plain("Urgency"), nil, urgency),
		}},
	}
}

func TestMessages(t *testing.T) {
	s := StartTest(t, Demo())
	startBot(t, s)
	ctx := t.Context()

	root, err := s.PostMessage(ctx, Nadia, Support, "hello", "")
	if err != nil {
		t.Fatal(err)
	}
	reply := waitMessage(t, s, Support, "heard: hello")
	if reply.ThreadTS != root || reply.User != Bot || reply.BotID == "" {
		t.Errorf("the reply is %+v, want one by the bot in thread %s", reply, root)
	}
	if got, want := reply.AllText(), "heard: hello\nYou said something\nAgain"; got != want {
		t.Errorf("AllText() = %q, want %q", got, want)
	}
	want := []Button{{BlockID: "b1", ActionID: "again", Value: "v1", Text: "Again"}}
	if got := reply.Buttons(); !slices.Equal(got, want) {
		t.Fatalf("Buttons() = %+v, want %+v", got, want)
	}
	page := s.OpenTest(t, Nadia)
	if err := page.Press(ctx, reply, reply.Buttons()[0]); err != nil {
		t.Fatal(err)
	}
	waitMessage(t, s, Support, "pressed: b1/again=v1")

	dm, err := s.DM(ctx, Alice)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.PostMessage(ctx, Alice, Alice, "psst", ""); err != nil {
		t.Fatal(err)
	}
	waitMessage(t, s, dm, "heard: psst")

	ts, err := s.Upload(ctx, Nadia, Support, "see", "", "note.txt", []byte("a note"))
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.Messages(ctx, Support)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(m Message) bool { return m.TS == ts })
	if i < 0 || len(all[i].Files) != 1 || all[i].Files[0].Name != "note.txt" {
		t.Errorf("no message %s with note.txt in %+v", ts, all)
	}

	if err := s.Reset(ctx); err != nil {
		t.Fatal(err)
	}
	if left, err := s.Messages(ctx, Support); err != nil || len(left) > 0 {
		t.Errorf("after a reset: %d messages, error %v", len(left), err)
	}
}

func waitMessage(t *testing.T, s *Server, channel, text string) Message {
	t.Helper()
	var found Message
	Eventually(t, "the message "+text, func() bool {
		all, err := s.Messages(t.Context(), channel)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(all, func(m Message) bool { return m.Text == text })
		if i >= 0 {
			found = all[i]
		}
		return i >= 0
	})
	return found
}

func TestModal(t *testing.T) {
	s := StartTest(t, Demo())
	startBot(t, s)
	page := s.OpenTest(t, Alice)
	ctx := t.Context()
	if err := page.Slash(ctx, General, "/ask", ""); err != nil {
		t.Fatal(err)
	}
	view, err := page.View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if view.CallbackID != "form" || view.Title != "Ask" || view.Submit != "Send" || len(view.Inputs()) != 2 {
		t.Fatalf("the form is %+v", view)
	}
	if _, err := view.Fill(map[string]string{"Colour": "red"}); err == nil {
		t.Error("a field that the form lacks was filled in")
	}
	if _, err := view.Fill(map[string]string{"Urgency": "extreme"}); err == nil {
		t.Error("an option that the form lacks was chosen")
	}

	_, wrong, err := page.Submit(ctx, Values{"subject": {"text": Text("hi")}})
	if err != nil || wrong["subject"] != "Too short" {
		t.Fatalf("a short subject: errors %v, error %v", wrong, err)
	}

	// Urgency is left as it was prefilled, by value, then chosen by its text.
	for urgency, want := range map[string]string{"": "low", "High": "high"} {
		answers := map[string]string{"Subject": "a printer"}
		if urgency != "" {
			answers["Urgency"] = urgency
		}
		values, err := view.Fill(answers)
		if err != nil {
			t.Fatal(err)
		}
		stack, wrong, err := page.Submit(ctx, values)
		if err != nil || len(wrong) > 0 || len(stack) != 1 || stack[0].PrivateMetadata != "a printer "+want {
			t.Fatalf("a good form: stack %+v, errors %v, error %v; want urgency %s", stack, wrong, err, want)
		}
		if stack, _, err = page.Submit(ctx, values); err != nil || len(stack) > 0 {
			t.Fatalf("the last step: stack %+v, error %v", stack, err)
		}
		if err := page.Slash(ctx, General, "/ask", ""); err != nil {
			t.Fatal(err)
		}
		if view, err = page.View(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := page.CloseView(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestHome(t *testing.T) {
	s := StartTest(t, Demo())
	api := startBot(t, s)
	page := s.OpenTest(t, Alice)
	_, err := api.PublishViewContext(t.Context(), slack.PublishViewContextRequest{UserID: Alice, View: slack.HomeTabViewRequest{
		Type:   slack.VTHomeTab,
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewHeaderBlock(plain("Welcome"))}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	home, err := page.Home(t.Context(), "the welcome", func(v View) bool { return strings.Contains(v.AllText(), "Welcome") })
	if err != nil || home.ID == "" {
		t.Errorf("home is %+v, error %v", home, err)
	}
}

// TestHTTPEvents checks that in the other mode everything comes signed.
func TestHTTPEvents(t *testing.T) {
	cfg := Demo()
	bodies := make(chan string, 10)
	bot := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		verifier, err := slack.NewSecretsVerifier(r.Header, cfg.App.SigningSecret)
		if err == nil {
			_, _ = verifier.Write(body)
			err = verifier.Ensure()
		}
		if err != nil {
			t.Errorf("signature: %v", err)
		}
		bodies <- string(body)
	}))
	defer bot.Close()
	cfg.App.Mode, cfg.App.RequestURL = HTTPEvents, bot.URL
	s := StartTest(t, cfg)
	if err := s.Command(t.Context(), Alice, General, "/ask", "me"); err != nil {
		t.Fatal(err)
	}
	if body := <-bodies; !strings.Contains(body, "command=%2Fask") {
		t.Errorf("the bot got %s", body)
	}
}

// TestConfig checks that what Config says comes back over the Web API.
func TestConfig(t *testing.T) {
	s := StartTest(t, Demo())
	api := slack.New(s.Config.App.BotToken, slack.OptionAPIURL(s.APIURL))
	for id, private := range map[string]bool{General: false, Support: true} {
		c, err := api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: id})
		if err != nil {
			t.Fatal(err)
		}
		if c.IsPrivate != private || !c.IsMember || c.IsIM {
			t.Errorf("%s: private %v, member %v, direct %v", id, c.IsPrivate, c.IsMember, c.IsIM)
		}
	}
	u, err := api.GetUserByEmail("nadia@acme.example")
	if err != nil || u.ID != Nadia || u.RealName != "Nadia Benali" || u.TZ != "Europe/Paris" {
		t.Errorf("users.lookupByEmail: %+v, error %v", u, err)
	}
}

func TestStop(t *testing.T) {
	s, err := Start(t.Context(), Demo())
	if err != nil {
		t.Fatal(err)
	}
	page, err := s.OpenPage(t.Context(), Alice)
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close()
	s.Stop()
	s.Stop()
	if err := syscall.Kill(s.pid, 0); err != syscall.ESRCH {
		t.Errorf("the process is still there: %v", err)
	}
	if _, err := os.Stat(s.dir); !os.IsNotExist(err) {
		t.Errorf("its folder is still there: %v", err)
	}
	if _, err := page.View(t.Context()); err == nil {
		t.Error("a page of a stopped server shows a modal")
	}
}

// TestDiesWithUs kills a process that has a server running, without a chance to stop it.
func TestDiesWithUs(t *testing.T) {
	if os.Getenv("LOCALSLACK_TEST_CHILD") != "" {
		s, err := Start(t.Context(), Demo())
		if err != nil {
			t.Fatal(err)
		}
		_ = json.NewEncoder(os.Stdout).Encode(map[string]any{"pid": s.pid, "dir": s.dir})
		select {}
	}
	child := exec.Command(os.Args[0], "-test.run=^TestDiesWithUs$")
	child.Env = append(os.Environ(), "LOCALSLACK_TEST_CHILD=1")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var said struct {
		PID int    `json:"pid"`
		Dir string `json:"dir"`
	}
	err = json.NewDecoder(out).Decode(&said)
	_ = child.Process.Kill()
	_ = child.Wait()
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(said.Dir)
	Eventually(t, "the server dies with the process that started it", func() bool {
		// A zombie still has an id: it waits for the new parent to look at it.
		status, err := os.ReadFile("/proc/" + strconv.Itoa(said.PID) + "/stat")
		return err != nil || strings.Contains(string(status), ") Z ")
	})
}
