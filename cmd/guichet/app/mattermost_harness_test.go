package app_test

import (
	"io"
	"log"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"guichet/cmd/guichet/app"
	"guichet/cmd/guichet/config"
	"guichet/internal/fakemattermost"
	"guichet/internal/localslack"
	"guichet/store/storetest"
)

// team is the Mattermost of a desk whose other half is in Slack.
type team struct {
	*fakemattermost.Server
	carla, lucas, nina string // employees: of Acme's; agent of the team's own queue, if there is one
	queue              string // its channel
	home               bool   // the support queue is in it
	front              *httptest.Server
	program            atomic.Value // where guichet answers; front passes on to it
	commandTokens      string
}

// environ are the variables that guichet needs for the team.
func (m *team) environ() []string {
	if m == nil {
		return nil
	}
	vars := []string{"GUICHET_MATTERMOST_ACME_MM_TOKEN=" + m.Token, "GUICHET_MATTERMOST_ACME_MM_SECRET=" + mmSecret}
	if m.commandTokens != "" {
		vars = append(vars, "GUICHET_MATTERMOST_ACME_MM_COMMAND_TOKENS="+m.commandTokens)
	}
	return vars
}

// leadTo says where guichet answers now. Its address in Mattermost stays the same over a restart.
func (m *team) leadTo(address string) {
	if m != nil {
		m.program.Store(address)
	}
}

// open has guichet's address in Mattermost lead to guichet.
func (m *team) open(t *testing.T) {
	m.front = httptest.NewServer(&httputil.ReverseProxy{ErrorLog: log.New(io.Discard, "", 0), Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: m.program.Load().(string)})
	}})
	t.Cleanup(m.front.Close)
}

// register registers the slash commands as an admin does.
func (m *team) register(t *testing.T, d *desk) {
	t.Helper()
	c, err := config.Load(d.file, d.environ())
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := app.RegisterCommands(t.Context(), c, "acme-mm", m.Admin, &out); err != nil {
		t.Fatal(err)
	}
	_, m.commandTokens, _ = strings.Cut(strings.TrimSpace(out.String()), "GUICHET_MATTERMOST_ACME_MM_COMMAND_TOKENS=")
}

const mmSecret = "0123456789abcdef0123456789abcdef"

// acrossPlatforms runs a journey on a desk with a Slack workspace and a Mattermost team, over both databases. atHome
// says where the support queue is: in Mattermost, or in Slack.
func acrossPlatforms(t *testing.T, inMattermost bool, journey func(t *testing.T, d *desk, m *team)) {
	overPlatforms(t, storetest.EachAddress, inMattermost, journey)
}

// onceAcrossPlatforms is acrossPlatforms over one database, as once is each.
func onceAcrossPlatforms(t *testing.T, inMattermost bool, journey func(t *testing.T, d *desk, m *team)) {
	overPlatforms(t, storetest.OneAddress, inMattermost, journey)
}

func overPlatforms(t *testing.T, databases func(*testing.T, func(*testing.T, string)), inMattermost bool, journey func(t *testing.T, d *desk, m *team)) {
	t.Parallel()
	databases(t, func(t *testing.T, address string) {
		t.Parallel()
		m := newTeam(t)
		m.home = inMattermost
		journey(t, newTeamDesk(t, address, m), m)
	})
}

func newTeam(t *testing.T) *team {
	m := &team{Server: fakemattermost.Start(t)}
	m.carla = m.AddUser(fakemattermost.User{Name: "carla", First: "Carla", Last: "Rossi", Locale: "en"})
	m.lucas = m.AddUser(fakemattermost.User{Name: "lucas", First: "Lucas", Last: "Moreau", Locale: "fr"})
	m.nina = m.AddUser(fakemattermost.User{Name: "nina", First: "Nina", Last: "Keller", Locale: "en"})
	m.queue = m.AddChannel("support", "P", m.Bot, m.nina)
	return m
}

// newTeamDeskWithMail is a desk with all three doors.
func newTeamDeskWithMail(t *testing.T, address string) (*desk, *team) {
	m := newTeam(t)
	d := newTeamDesk(t, address, m)
	d.stop()
	d.post = d.takeMail(strings.HasPrefix(address, "postgres"))
	d.start()
	return d, m
}

func newTeamDesk(t *testing.T, address string, m *team) *desk {
	d := newDesk(t, address, "socket")
	d.stop()
	d.team = m
	m.open(t)
	d.configure(func(s string) string {
		s = strings.Replace(s, "\nqueues:", "\nmattermost:\n  - {key: acme-mm, url: \""+m.URL+"\", team: "+m.Team+
			", organization: acme, callback_url: \""+m.front.URL+"\"}\n\nqueues:", 1)
		if m.home {
			s = strings.Replace(s, "workspace: acme\n    channel: G02SUPPORT", "workspace: acme-mm\n    channel: "+m.queue, 1)
		}
		return s
	})
	m.register(t, d)
	d.start()
	return d
}

// shownIn waits until a Mattermost channel shows a post with all of these texts, and returns it.
func (d *desk) shownIn(channel string, texts ...string) (found fakemattermost.Post) {
	d.t.Helper()
	d.eventually("Mattermost shows "+strings.Join(texts, ", "), func() bool {
		for _, p := range d.team.Posts(channel) {
			if containsAll(p.Shown(), texts) {
				found = p
				return true
			}
		}
		return false
	})
	return found
}

func containsAll(s string, texts []string) bool {
	for _, text := range texts {
		if !strings.Contains(s, text) {
			return false
		}
	}
	return true
}

// types has somebody type a command in their direct channel and returns the answer for them alone.
func (d *desk) types(user, command, text string) fakemattermost.Post {
	d.t.Helper()
	p, err := d.team.Type(user, d.team.Direct(user), command, text)
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

// click has somebody press a button, or choose from a menu, by what it says.
func (d *desk) click(user string, p fakemattermost.Post, says string) (told string) {
	d.t.Helper()
	told, err := d.team.Press(user, p.ID, says)
	if err != nil {
		d.t.Fatal(err)
	}
	return told
}

// sendForm has somebody fill in and send the form that was last opened for them.
func (d *desk) sendForm(user string, values map[string]any) {
	d.t.Helper()
	form, ok := d.team.Dialog(user)
	if !ok {
		d.t.Fatal("no form is open")
	}
	wrong, err := d.team.Send(user, form, values)
	if err != nil || len(wrong) > 0 {
		d.t.Fatalf("the form is refused: %v %v", wrong, err)
	}
}

// openIn has somebody open a ticket in Mattermost by the form, and returns their card of it.
func (d *desk) openIn(user, subject, description string) fakemattermost.Post {
	d.t.Helper()
	d.types(user, "/ticket", "office")
	d.sendForm(user, map[string]any{"kind": "information", "subject": subject, "description": description})
	return d.shownIn(d.team.Direct(user), subject)
}

// say has somebody write below a post in Mattermost.
func (d *desk) say(user string, below fakemattermost.Post, text string) fakemattermost.Post {
	d.t.Helper()
	p, err := d.team.Say(user, below.ChannelID, below.ID, text)
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

// cardOf is the card of a ticket in a Slack queue, by its subject.
func (d *desk) cardOf(subject string) localslack.Message {
	d.t.Helper()
	return d.find(support, subject, "Requester")
}
