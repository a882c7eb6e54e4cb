// Package config reads how guichet is set up: one YAML file, then the environment, which wins over it.
//
// Load either returns a Config that the rest of the program may trust (every default filled in, every reference
// resolved, every token present) or says all that is wrong at once, each with its line and what to do about it.
// What each key means to an operator is told in guichet.example.yaml, at the top of the repository.
//
// Nothing here opens a database or calls a chat platform: whether a token is accepted or a channel exists is for
// `guichet check`.
package config

import (
	"log/slog"
	"time"
	_ "time/tzdata" // time zones must be known on machines that have none installed
)

// The struct tags below are the grammar of the file; walk.go reads them:
//
//	yaml    the key in the file; "-" for what does not come from the file
//	env     the variable that wins over the file
//	need    the key is required; the text says what to write
//	one     the value is one of these words
//	is      the value obeys a rule of rules.go
//	min max bounds of a length of time
//	unique  the value names a thing of this kind, once in the whole file
//	lines   "many": the text may have several
//	ref     the value is the name of a thing of this kind, given elsewhere

// Config is the whole set-up. It is safe to log: secrets print as "[secret]".
type Config struct {
	// Database is where everything is kept. Default: the SQLite file guichet.db, in the working directory.
	Database Database `yaml:"database" env:"GUICHET_DATABASE" is:"database"`
	// Listen is the host:port of /healthz, /readyz and /metrics; "" when turned off. Default 127.0.0.1:8080.
	Listen string `yaml:"listen" env:"GUICHET_LISTEN" is:"listen"`
	// Language is spoken where nothing nearer says otherwise: "en" or "fr". Default "en".
	Language string `yaml:"language" env:"GUICHET_LANGUAGE" one:"en fr"`
	Log      Log    `yaml:"log"`
	// StopTimeout is how long a stop may take to finish work in hand before it is cut short. Default 10 s.
	StopTimeout time.Duration `yaml:"stop_timeout" env:"GUICHET_STOP_TIMEOUT" min:"1s" max:"5m"`

	// Link is guichet's own address as people's browsers reach it ("listen", behind a proxy): by it people confirm addresses,
	// and read terms. Empty: nobody can.
	Link string `yaml:"link" env:"GUICHET_LINK" is:"url"`

	Files Files `yaml:"files"`
	Mail  Mail  `yaml:"mail"`

	// Organizations, Queues and Services hold at least one entry each, in the file's order, and Slack and
	// Mattermost one together.
	Organizations []Organization `yaml:"organizations" need:"list at least one organization, with its key"`
	Slack         []Workspace    `yaml:"slack"`
	Mattermost    []Team         `yaml:"mattermost"`
	Queues        []Queue        `yaml:"queues" need:"list at least one queue, with its key, workspace and channel"`
	// Routes decide the queue of a new ticket, before its service does.
	Routes []Route `yaml:"routes"`
	// Macros are canned answers.
	Macros []Macro `yaml:"macros"`
	// Priorities say how pressing an incident is, by its impact and urgency.
	Priorities Priorities `yaml:"priorities"`
	// DefaultQueue is the key of the queue that takes what no other does; it serves every organization.
	// Default: the first queue.
	DefaultQueue string `yaml:"default_queue" ref:"queue"`
	// SalesQueue is the key of the queue that takes managers' requests for quotes. Default: the default queue.
	SalesQueue string `yaml:"sales_queue" ref:"queue"`
	// ProvisioningQueue is the key of the queue whose agents make ordered licenses usable. Default: the default queue.
	ProvisioningQueue string `yaml:"provisioning_queue" ref:"queue"`
	// BillingQueue is the key of the queue that takes managers' objections to invoices. Default: the default queue.
	BillingQueue string    `yaml:"billing_queue" ref:"queue"`
	Services     []Service `yaml:"services" need:"list at least one service, with its key"`
	// Currency is that of all prices (ISO 4217). Default EUR.
	Currency string `yaml:"currency"`
	// GeneralTerms are accepted with every order. Default: none, and nothing has a price.
	GeneralTerms Terms `yaml:"general_terms"`
	// LicenseReminders are what managers are reminded of.
	LicenseReminders LicenseReminders `yaml:"license_reminders"`
}

func (c *Config) defaults() {
	c.Database = "guichet.db"
	c.Listen = "127.0.0.1:8080"
	c.Language = "en"
	c.Log = Log{Level: slog.LevelInfo, Format: "text"}
	c.StopTimeout = 10 * time.Second
	c.Currency = "EUR"
}

// Log is what the program says of itself, on standard error.
type Log struct {
	// Level is the least serious line that is still written. Default info.
	Level slog.Level `yaml:"level" env:"GUICHET_LOG_LEVEL" one:"debug info warn error"`
	// Format is "text", for people, or "json", for collectors. Default "text".
	Format string `yaml:"format" env:"GUICHET_LOG_FORMAT" one:"text json"`
}

// Files says what becomes of the files that people send.
type Files struct {
	// Off: conversations name files, and do not carry them.
	Off bool `yaml:"off"`
	// Dir is the folder that they are kept in. Default "files".
	Dir string `yaml:"dir" env:"GUICHET_FILES"`
	// S3 is where they are kept instead, in an S3-compatible store. The keys to it are in AWS_ACCESS_KEY_ID and
	// AWS_SECRET_ACCESS_KEY. Default: they are kept in Dir.
	S3 S3 `yaml:"s3"`
	// Largest is how much one may hold. Default 25 MB.
	Largest Size `yaml:"largest"`
	// Refuse are the extensions of those that are not accepted. Default: those of programs.
	Refuse []string `yaml:"refuse"`
}

// S3 is a bucket of an S3-compatible store.
type S3 struct {
	// Endpoint is its host, with a port if need be. Empty: none.
	Endpoint string `yaml:"endpoint"`
	// Bucket holds the files; it is there already.
	Bucket string `yaml:"bucket"`
	// Region is the store's own name of where it is. Default: us-east-1.
	Region string `yaml:"region"`
	// Prefix begins the names of the files in the bucket.
	Prefix string `yaml:"prefix"`
	// Insecure: without TLS, for a store on the same machine.
	Insecure bool `yaml:"insecure"`
}

func (s *S3) defaults() { s.Region = "us-east-1" }

func (f *Files) defaults() {
	f.Dir, f.Largest = "files", 25_000_000
	f.Refuse = []string{"exe", "msi", "bat", "cmd", "com", "scr", "pif", "cpl", "js", "jse", "vbs", "vbe", "wsf", "hta", "ps1", "jar", "lnk", "iso", "img", "reg", "dll", "app", "dmg", "apk"}
}

// Organization is one customer company, or the desk's own staff.
type Organization struct {
	Key string `yaml:"key" need:"write a short name, such as acme" is:"key" unique:"organization"`
	// Name is shown to people. Default: the key.
	Name string `yaml:"name"`
	// MailDomains are those after the @ of the organization's addresses: who writes from there is one of its people.
	// Default: none.
	MailDomains []string `yaml:"mail_domains" is:"domain" unique:"mail domain"`
	// BillingAccounts are those whose invoices are the organization's, as they are named there. Default: none.
	BillingAccounts []string `yaml:"billing_accounts" is:"account" unique:"billing account"`
	// Language is "en" or "fr". Default: the file's language.
	Language string `yaml:"language" one:"en fr"`
	// AccountURL is where its people change their login and password: guichet links there. Default: none.
	AccountURL string `yaml:"account_url" is:"url"`
	// Managers are the people who order and answer for the organization.
	Managers []Manager `yaml:"managers"`
	// Approval is which of its orders must be approved. Default: none.
	Approval Approval `yaml:"approval"`
	// Contracts say until when it has which services. Default: nobody is reminded.
	Contracts []Contract `yaml:"contracts"`
}

// Workspace is one Slack workspace, and the tokens guichet has for it.
type Workspace struct {
	Key string `yaml:"key" need:"write a short name, such as acme" is:"key" unique:"workspace"`
	// Team is Slack's own id of the workspace, such as T01ACME.
	Team string `yaml:"team" need:"write Slack's id of the workspace, such as T01ACME" is:"team" unique:"team"`
	// Organization is the key of the one that all people of this workspace belong to.
	Organization string `yaml:"organization" need:"write the key of the organization it belongs to" ref:"organization"`
	// Mode is how events arrive: by "socket" (Socket Mode), the default, or by "http", at /slack/ and the key.
	Mode string `yaml:"mode" one:"socket http"`
	// The files the secrets below were read from, when the file says so.
	BotTokenFile      string `yaml:"bot_token_file"`
	AppTokenFile      string `yaml:"app_token_file"`
	SigningSecretFile string `yaml:"signing_secret_file"`
	// APIURL is the root of Slack's web API, with its final slash. Default https://slack.com/api/.
	APIURL string `yaml:"api_url" is:"url"`

	// BotToken (xoxb-) and, by mode, AppToken (xapp-) or SigningSecret come from the environment or from the
	// files above. The one that the mode does not need is empty.
	BotToken      Secret `yaml:"-"`
	AppToken      Secret `yaml:"-"`
	SigningSecret Secret `yaml:"-"`
}

func (w *Workspace) defaults() {
	w.Mode = "socket"
	w.APIURL = "https://slack.com/api/"
}

// Team is one team of a Mattermost server, and what guichet has to work in it.
type Team struct {
	Key string `yaml:"key" need:"write a short name, such as acme-mm" is:"key" unique:"workspace"`
	// URL is the server's address, such as https://chat.acme.example.
	URL string `yaml:"url" need:"write the server's address, such as https://chat.acme.example" is:"url"`
	// Team is Mattermost's own id of the team: 26 small letters and digits.
	Team string `yaml:"team" need:"write Mattermost's id of the team, 26 small letters and digits" is:"mattermost" unique:"team"`
	// Organization is the key of the one that all people of this team belong to.
	Organization string `yaml:"organization" need:"write the key of the organization it belongs to" ref:"organization"`
	// Callback is guichet's own address as the server reaches it, for commands, buttons and forms.
	Callback string `yaml:"callback_url" need:"write guichet's own address as the server reaches it, such as http://guichet.internal:8080" is:"url"`
	// The files the secrets below were read from, when the file says so.
	TokenFile         string `yaml:"token_file"`
	CommandTokensFile string `yaml:"command_tokens_file"`
	SecretFile        string `yaml:"secret_file"`

	// Token is the bot account's, of which each team has its own. CommandTokens are those of the slash commands,
	// with a comma between them; empty before they are registered. Secret is guichet's own: what it hands out is signed
	// by it. Of two, with a comma between them, the first signs, and both are accepted.
	Token         Secret `yaml:"-"`
	CommandTokens Secret `yaml:"-"`
	Secret        Secret `yaml:"-"`
}

// Service is something people need help with: an entry of the catalog.
type Service struct {
	Key string `yaml:"key" need:"write a short name, such as office" is:"service" unique:"service"`
	// Name is shown to people. Default: the key.
	Name Words `yaml:"name"`
	// Queue is the key of the one that takes its tickets. Default: the default queue.
	Queue string `yaml:"queue" ref:"queue"`
	// Form is what /ticket asks: "standard" or "emm" (device, platform, EMM instance). Default "standard".
	Form string `yaml:"form" one:"standard emm"`
	// Licenses are those of which organizations have so and so many. Default: there are none.
	Licenses []License `yaml:"licenses"`
	// ParticularTerms and SpecificTerms are accepted with orders of these. Default: there are none.
	ParticularTerms Terms `yaml:"particular_terms"`
	SpecificTerms   Terms `yaml:"specific_terms"`
	// Help is the address of the service's own help, about activation and termination. Default: none.
	Help Words `yaml:"help" is:"url"`
	// Seats says where it is known who has a license: "here", the default, or at the "vendor", by whose portal they are assigned.
	Seats string `yaml:"seats" one:"here vendor"`
	// Vendor is the address of that portal.
	Vendor Words `yaml:"vendor" is:"url"`
	// Gate is what must be done before licenses are terminated, beside that nobody has them: "unassigned", the default: nothing else;
	// or "unenrolled": no device is enrolled with them any more.
	Gate        string      `yaml:"gate" one:"unassigned unenrolled"`
	Provisioner Provisioner `yaml:"provisioner"`
}

func (s *Service) defaults() { s.Form, s.Seats, s.Gate = "standard", "here", "unassigned" }
