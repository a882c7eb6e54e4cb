package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"reflect"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// maxFile is far above any real file: it stops a wrong path (a database, a log) from being read whole.
const maxFile = 1 << 20

// Load reads the file at path, then the GUICHET_ variables of environ (as os.Environ gives them), which win.
// Its error is always of type Problems and holds everything that is wrong. Files named in it (database, tokens)
// are relative to the working directory.
func Load(path string, environ []string) (*Config, error) { return read(path, environ, true) }

// LoadWithoutSecrets is Load where no token is needed: for what only asks what the file says. Secrets are empty.
func LoadWithoutSecrets(path string, environ []string) (*Config, error) {
	return read(path, environ, false)
}

func read(path string, environ []string, secrets bool) (*Config, error) {
	data, err := readFile(path, maxFile)
	if err != nil {
		return nil, Problems{{File: path, Text: err.Error() + "; guichet.example.yaml is one to start from"}}
	}
	return load(path, data, environ, secrets)
}

func load(file string, data []byte, environ []string, secrets bool) (*Config, error) {
	root, problem := parse(data)
	if problem != nil {
		problem.File = file
		return nil, Problems{*problem}
	}
	w := newWalker(file, environ)
	w.secrets = secrets
	c := new(Config)
	w.object(reflect.ValueOf(c).Elem(), root, "")
	w.inherit(c)
	w.check(c)
	w.sizes(c)
	w.tokens(c)
	w.mattermostSecrets(c)
	w.mail(c)
	w.licenses(c)
	w.strangers()
	if len(w.problems) > 0 {
		w.problems.sort()
		return nil, w.problems
	}
	return c, nil
}

// parse returns the top of the one YAML document in data: nil when there is nothing in it.
func parse(data []byte) (*yaml.Node, *Problem) {
	if i := bytes.IndexFunc(data, notText); i >= 0 {
		line := 1 + bytes.Count(data[:i], []byte("\n"))
		return nil, &Problem{Line: line, Text: "holds a character that is not text: save the file as plain UTF-8"}
	}
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		return nil, syntaxProblem(err)
	}
	var doc, second yaml.Node
	if err := loader.Load(&doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, syntaxProblem(err)
	}
	if err := loader.Load(&second); err == nil {
		return nil, &Problem{Line: second.Line, Text: "begins a second document (---): keep everything in one"}
	} else if !errors.Is(err, io.EOF) {
		return nil, syntaxProblem(err)
	}
	if len(doc.Content) == 0 || isNull(doc.Content[0]) {
		return nil, nil
	}
	return doc.Content[0], nil
}

func notText(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) && !strings.ContainsRune("\n\r\t", r)
}

var quoted = regexp.MustCompile(`'[^']*'`)

// syntaxProblem keeps the parser's own words, less what it quotes from the file: that may be a secret.
func syntaxProblem(err error) *Problem {
	var bad *yaml.LoadError
	if !errors.As(err, &bad) {
		return &Problem{Text: "is not YAML: check its indentation, quotes and colons"}
	}
	text := quoted.ReplaceAllString(bad.Message, "'...'")
	if begun := bad.ContextMark.Line; begun > 0 && begun != bad.Mark.Line {
		text += fmt.Sprintf(" (in what begins at line %d)", begun)
	}
	return &Problem{Line: bad.Mark.Line, Text: "is not YAML: " + text + ": check the indentation, quotes and colons here"}
}

// readFile reads a file of at most limit bytes. Its errors do not repeat the path, which could be a token
// that was put where a file's name belongs.
func readFile(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err == nil {
		defer f.Close()
		var data []byte
		if data, err = io.ReadAll(io.LimitReader(f, limit+1)); err == nil {
			if int64(len(data)) > limit {
				return nil, fmt.Errorf("is larger than %d bytes: name the right file", limit)
			}
			return data, nil
		}
	}
	var where *fs.PathError
	if errors.As(err, &where) {
		err = where.Err
	}
	return nil, fmt.Errorf("cannot be read (%w): check that the file exists and may be read by this user", err)
}

// inherit gives what was left out the value that stands elsewhere in the file.
func (w *walker) inherit(c *Config) {
	if c.Listen == "off" {
		c.Listen = ""
	}
	if c.DefaultQueue == "" && len(c.Queues) > 0 {
		c.DefaultQueue = c.Queues[0].Key
	}
	for i := range c.Organizations {
		o := &c.Organizations[i]
		o.Name = cmp.Or(o.Name, o.Key)
		o.Language = cmp.Or(o.Language, c.Language)
	}
	for i := range c.Slack {
		s := &c.Slack[i]
		s.APIURL = strings.TrimSuffix(s.APIURL, "/") + "/"
	}
	for i := range c.Mattermost {
		m := &c.Mattermost[i]
		m.URL, m.Callback = strings.TrimSuffix(m.URL, "/"), strings.TrimSuffix(m.Callback, "/")
	}
	c.Link = strings.TrimSuffix(c.Link, "/")
	for i := range c.Queues {
		q := &c.Queues[i]
		q.Name = q.Name.or(q.Key)
		q.Language = cmp.Or(q.Language, c.Language)
	}
	c.SalesQueue, c.ProvisioningQueue = cmp.Or(c.SalesQueue, c.DefaultQueue), cmp.Or(c.ProvisioningQueue, c.DefaultQueue)
	c.BillingQueue = cmp.Or(c.BillingQueue, c.DefaultQueue)
	c.LicenseReminders.Calendar = cmp.Or(c.LicenseReminders.Calendar, c.DefaultQueue)
	for r, spec := range map[*Schedule]string{&c.LicenseReminders.Undecided.Schedule: "0 9 * * 1-5", &c.LicenseReminders.Unused.Schedule: "0 9 * * 1",
		&c.LicenseReminders.Ending.Schedule: "0 9 * * 1-5"} {
		if r.Schedule == nil {
			*r = mustSchedule(spec)
		}
	}
	for i := range c.Services {
		s := &c.Services[i]
		s.Name = s.Name.or(s.Key)
		s.Queue = cmp.Or(s.Queue, c.DefaultQueue)
		for j := range s.Licenses {
			s.Licenses[j].Name = s.Licenses[j].Name.or(s.Licenses[j].Key)
		}
	}
	for i := range c.Macros {
		m := &c.Macros[i]
		m.Title = m.Title.or(m.Key)
	}
}
