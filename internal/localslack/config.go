package localslack

// Config is the workspace that a Server begins with.
type Config struct {
	Workspace Workspace
	App       App
	Users     []User
	Channels  []Channel
}

// Workspace is the Slack team.
type Workspace struct {
	Name   string `json:"name"`
	Domain string `json:"domain"`
	TeamID string `json:"teamId"`
}

// App is the bot under test.
type App struct {
	AppID         string `json:"appId"`
	BotUserID     string `json:"botUserId"`
	BotName       string `json:"botName"`
	BotToken      string `json:"botToken"`
	AppToken      string `json:"appToken"`
	SigningSecret string `json:"signingSecret"`
	Mode          Mode   `json:"mode"`
	// RequestURL gets everything in HTTPEvents mode: events, commands and
	// interactions. It must be known before the server starts.
	RequestURL string `json:"requestUrl,omitempty"`
}

// Mode is how the app is told what happens.
type Mode string

// The two ways Slack has.
const (
	SocketMode Mode = "socket"
	HTTPEvents Mode = "events"
)

// User is a person of the workspace.
type User struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	RealName string `json:"real_name,omitempty"`
	Email    string `json:"email,omitempty"`
	TZ       string `json:"tz,omitempty"`
}

// Channel is a public or private channel. The app hears only what happens in
// channels that have its bot user among their members.
type Channel struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Private bool     `json:"is_private"`
	Members []string `json:"members"`
}

// The people and channels of Demo.
const (
	Alice  = "U01ALICE"  // an employee
	Martin = "U02MARTIN" // a manager
	Nadia  = "U03NADIA"  // an agent
	Oliver = "U04OLIVER" // an agent
	Bot    = "U00GUICHET"

	General = "C01GENERAL" // public, everybody
	Support = "G02SUPPORT" // private, the agents
	EMM     = "G03EMM"     // private, the agents
)

// Demo is a small company with two employees and two support agents.
func Demo() Config {
	const tz = "Europe/Paris"
	return Config{
		Workspace: Workspace{Name: "Acme", Domain: "acme", TeamID: "T01ACME"},
		App: App{
			AppID:         "A01GUICHET",
			BotUserID:     Bot,
			BotName:       "guichet",
			BotToken:      "xoxb-local-guichet",
			AppToken:      "xapp-local-guichet",
			SigningSecret: "local-signing-secret",
			Mode:          SocketMode,
		},
		Users: []User{
			{ID: Alice, Name: "alice", RealName: "Alice Martin", Email: "alice@acme.example", TZ: tz},
			{ID: Martin, Name: "martin", RealName: "Martin Dupont", Email: "martin@acme.example", TZ: tz},
			{ID: Nadia, Name: "nadia", RealName: "Nadia Benali", Email: "nadia@acme.example", TZ: tz},
			{ID: Oliver, Name: "oliver", RealName: "Oliver Smith", Email: "oliver@acme.example", TZ: tz},
		},
		Channels: []Channel{
			{ID: General, Name: "general", Members: []string{Bot, Alice, Martin, Nadia, Oliver}},
			{ID: Support, Name: "support", Private: true, Members: []string{Bot, Nadia, Oliver}},
			{ID: EMM, Name: "emm", Private: true, Members: []string{Bot, Nadia, Oliver}},
		},
	}
}
