package slack

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dlclark/regexp2"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/slack-go/slack"
	"go.yaml.in/yaml/v4"

	"guichet/bot"
	"guichet/internal/slackrules"
)

// manifest is what these tests read of manifest.yaml.
type manifest struct {
	Features struct {
		Commands []struct {
			Command     string
			Description string
			UsageHint   string `yaml:"usage_hint"`
		} `yaml:"slash_commands"`
		Shortcuts []struct {
			Name, Type, Description string
			ID                      string `yaml:"callback_id"`
		}
	}
	OAuth struct {
		Scopes struct {
			Bot, User []string
			Optional  []string `yaml:"bot_optional"`
		}
	} `yaml:"oauth_config"`
	Settings struct {
		Subscriptions struct {
			Bot  []string `yaml:"bot_events"`
			User []string `yaml:"user_events"`
		} `yaml:"event_subscriptions"`
	}
}

func readManifest(t *testing.T, into any) {
	t.Helper()
	b, err := os.ReadFile("../../manifest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
}

// The manifest offers what the code has, and asks for what the code uses.
func TestManifestIsTheCodes(t *testing.T) {
	var m manifest
	readManifest(t, &m)

	type command struct{ Name, About, Usage string }
	var have, want []command
	for _, c := range m.Features.Commands {
		have = append(have, command{c.Command, c.Description, c.UsageHint})
	}
	for _, c := range bot.Commands() {
		for _, name := range c.Names() {
			want = append(want, command{"/" + name, c.About, c.Usage})
		}
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("commands (-code +manifest):\n%s", diff)
	}
	shortcuts := map[string]bot.MessageShortcut{}
	for _, c := range bot.Commands() {
		maps.Copy(shortcuts, c.Shortcuts)
	}
	for _, s := range m.Features.Shortcuts {
		if in := shortcuts[s.ID]; s.Type != "message" || in.Title != s.Name || in.About != s.Description {
			t.Errorf("shortcut %s is a %s: %q, %q in the manifest, %q, %q in the code", s.ID, s.Type, s.Name, s.Description, in.Title, in.About)
		}
	}
	if len(shortcuts) != len(m.Features.Shortcuts) {
		t.Errorf("the manifest has %d shortcuts, the code %d", len(m.Features.Shortcuts), len(shortcuts))
	}
	var events []string
	for _, e := range Events {
		events = append(events, e.Name)
	}
	if diff := cmp.Diff(events, m.Settings.Subscriptions.Bot); diff != "" {
		t.Errorf("events (-code +manifest):\n%s", diff)
	}
	if diff := cmp.Diff(Scopes(), m.OAuth.Scopes.Bot); diff != "" {
		t.Errorf("scopes (-code +manifest):\n%s", diff)
	}
	if diff := cmp.Diff(OptionalScopes(), m.OAuth.Scopes.Optional); diff != "" {
		t.Errorf("optional scopes (-code +manifest):\n%s", diff)
	}
	if len(m.OAuth.Scopes.User)+len(m.Settings.Subscriptions.User) > 0 {
		t.Error("the app acts as itself: it needs nothing in the name of a person")
	}
}

// Each scope and each event stands with its reason.
func TestManifestSaysWhy(t *testing.T) {
	b, err := os.ReadFile("../../manifest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		item, reason, _ := strings.Cut(line, " # ")
		if strings.HasPrefix(item, "      - ") && strings.TrimSpace(reason) == "" {
			t.Errorf("no reason: %s", line)
		}
	}
}

func TestManifestObeysSlack(t *testing.T) {
	var m map[string]any
	readManifest(t, &m)
	for _, err := range slackrules.Manifest(m) {
		t.Error(err)
	}

	// Slack's own schema lies beside the repository on some machines.
	const schema = "../../../shared/slack-spec/manifest.v1.schema.json"
	if _, err := os.Stat(schema); err != nil {
		t.Logf("%s is not here: only our own rules were checked", schema)
		return
	}
	c := jsonschema.NewCompiler()
	c.UseRegexpEngine(func(s string) (jsonschema.Regexp, error) {
		re, err := regexp2.Compile(s, regexp2.ECMAScript)
		return (*pattern)(re), err
	})
	compiled, err := c.Compile(schema)
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(m); err != nil {
		t.Error(err)
	}
	m["features"].(map[string]any)["bot_user"] = map[string]any{}
	if compiled.Validate(m) == nil {
		t.Error("the schema does not see that a name is missing")
	}
}

// pattern is a regular expression of JavaScript's sort, which the schema has and Go does not.
type pattern regexp2.Regexp

func (p *pattern) MatchString(s string) bool {
	ok, err := (*regexp2.Regexp)(p).MatchString(s)
	return ok && err == nil
}

func (p *pattern) String() string { return (*regexp2.Regexp)(p).String() }

// webAPI names the calls of the Web API behind the methods of the client.
var webAPI = map[string]string{
	"AuthTestContext":               "auth.test",
	"GetConversationHistoryContext": "conversations.history",
	"GetConversationRepliesContext": "conversations.replies",
	"GetConversationInfoContext":    "conversations.info",
	"GetUserInfoContext":            "users.info",
	"GetUsersInConversationContext": "conversations.members",
	"GetPermalinkContext":           "chat.getPermalink",
	"OpenConversationContext":       "conversations.open",
	"OpenViewContext":               "views.open",
	"DeleteFileContext":             "files.delete", "GetUploadURLExternalContext": "files.getUploadURLExternal", "CompleteUploadExternalContext": "files.completeUploadExternal", "GetFileInfoContext": "files.info",
	"DeleteMessageContext": "chat.delete", "PublishViewContext": "views.publish", "PushViewContext": "views.push", "UpdateViewContext": "views.update",
	"PostEphemeralContext":   "chat.postEphemeral",
	"PostMessageContext":     "chat.postMessage",
	"RunContext":             "apps.connections.open", // of the Socket Mode client
	"StartSocketModeContext": "apps.connections.open",
	"GetUserPresenceContext": "users.getPresence",
	"UpdateMessageContext":   "chat.update",

	"AddPinContext": "pins.add", "CreateConversationContext": "conversations.create", "GetConversationsContext": "conversations.list",
	"InviteUsersToConversationContext": "conversations.invite",
}

// Methods is what the source calls: no call is missing from it, and none in it is made no more.
func TestMethodsAreCalled(t *testing.T) {
	client := reflect.TypeFor[*slack.Client]()
	called := map[string]bool{}
	for _, file := range sources(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			method, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			name, known := webAPI[method.Sel.Name]
			if _, clients := client.MethodByName(method.Sel.Name); clients && !known {
				t.Errorf("%s is called, and this test does not know which call of the Web API it is", method.Sel.Name)
			}
			if known {
				called[name] = true
			}
			return true
		})
	}
	var declared []string
	for _, m := range slices.Concat(Methods, Optional) {
		declared = append(declared, m.Name)
	}
	slices.Sort(declared)
	if diff := cmp.Diff(declared, slices.Sorted(maps.Keys(called))); diff != "" {
		t.Errorf("calls of the Web API (-declared +made):\n%s", diff)
	}
}

// sources are the parsed files of this package, without tests.
func sources(t *testing.T) (files []*ast.File) {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(gotoken.NewFileSet(), e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}
