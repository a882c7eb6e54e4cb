package config

import (
	"encoding"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

const day = 24 * time.Hour

// languages are those guichet speaks.
var languages = []string{"en", "fr"}

const hidden = "[secret]"

// Secret is a token. However it is printed, logged or marshaled it reads "[secret]"; only Reveal gives it.
type Secret string

// Reveal returns the token itself, to hand to the one who asks for it.
func (s Secret) Reveal() string { return string(s) }

// Parts are the secrets in one that holds several, with a comma between them.
func (s Secret) Parts() []string {
	if s == "" {
		return nil
	}
	return strings.Split(string(s), ",")
}

func (Secret) String() string               { return hidden }
func (Secret) GoString() string             { return hidden }
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }
func (Secret) LogValue() slog.Value         { return slog.StringValue(hidden) }

// Database is an SQLite file's path or a postgres:// address. Printed, logged or marshaled it keeps its password
// to itself.
type Database string

// Reveal returns the whole address, password included, to connect with.
func (d Database) Reveal() string { return string(d) }

// IsPostgres tells a PostgreSQL server from an SQLite file.
func (d Database) IsPostgres() bool {
	return strings.HasPrefix(string(d), "postgres://") || strings.HasPrefix(string(d), "postgresql://")
}

func (d Database) String() string {
	if !d.IsPostgres() {
		return string(d)
	}
	u, err := url.Parse(string(d))
	if err != nil {
		return "postgres://" + hidden
	}
	query := u.Query()
	for name := range query {
		if strings.Contains(name, "password") { // lib/pq takes password= and sslpassword= too
			query.Set(name, "xxxxx")
			u.RawQuery = query.Encode()
		}
	}
	return u.Redacted()
}

func (d Database) GoString() string             { return strconv.Quote(d.String()) }
func (d Database) MarshalText() ([]byte, error) { return []byte(d.String()), nil }
func (d Database) LogValue() slog.Value         { return slog.StringValue(d.String()) }

// Words is a name people read, by language. Under "" stands one that serves in every language.
type Words map[string]string

// In returns the words in that language or, failing that, in any: the same one each time.
func (w Words) In(language string) string {
	if text, ok := w[language]; ok || len(w) == 0 {
		return text
	}
	return w[slices.Min(slices.Collect(maps.Keys(w)))]
}

func (w Words) or(text string) Words {
	if len(w) == 0 {
		return Words{"": text}
	}
	return w
}

// Manager is a person of one workspace, written "<workspace key>:<user id>".
type Manager struct {
	Workspace string // the key of a workspace of the manager's organization
	User      string // the platform's id of the person, such as U02MARTIN
}

func (m Manager) String() string { return m.Workspace + ":" + m.User }

// MarshalText writes the manager as the file does.
func (m Manager) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads the manager as the file writes it.
func (m *Manager) UnmarshalText(text []byte) error {
	workspace, user, _ := strings.Cut(string(text), ":")
	if !keyPattern.MatchString(workspace) || !idPattern.MatchString(user) && !mmPattern.MatchString(user) {
		return fmt.Errorf("must be a workspace's key, a colon and a user id, such as acme:U02MARTIN")
	}
	*m = Manager{workspace, user}
	return nil
}

// Count is a number of things, 1 at least.
type Count int

// UnmarshalText reads the number as the file writes it.
func (c *Count) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 10, 20)
	if err != nil || n == 0 {
		return fmt.Errorf("must be a number, such as 30")
	}
	*c = Count(n)
	return nil
}

// MarshalText writes the number as the file does.
func (c Count) MarshalText() ([]byte, error) { return strconv.AppendInt(nil, int64(c), 10), nil }

// Size is a number of bytes, written such as 500kB or 25MB.
type Size int64

var sizePattern = regexp.MustCompile(`^([1-9][0-9]{0,5})(kB|MB|GB)$`)

// UnmarshalText reads the size as the file writes it.
func (s *Size) UnmarshalText(text []byte) error {
	m := sizePattern.FindStringSubmatch(string(text))
	if m == nil {
		return fmt.Errorf("must be a size, such as 500kB or 25MB")
	}
	n, _ := strconv.ParseInt(m[1], 10, 64) // six digits
	*s = Size(n * map[string]int64{"kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}[m[2]])
	if *s > 1_000_000_000 {
		return fmt.Errorf("is too large: Slack carries files of 1GB at most")
	}
	return nil
}

// MarshalText writes the size as the file does.
func (s Size) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%dkB", s/1_000), nil }

// Percent is a share, written such as 75%.
type Percent int

// UnmarshalText reads the share as the file writes it.
func (p *Percent) UnmarshalText(text []byte) error {
	number, ok := strings.CutSuffix(string(text), "%")
	n, err := strconv.Atoi(number)
	if !ok || err != nil || n < 1 || n > 99 {
		return fmt.Errorf("must be a share between 1%% and 99%%, such as 75%%")
	}
	*p = Percent(n)
	return nil
}

// MarshalText writes the share as the file does.
func (p Percent) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%d%%", int(p)), nil }

// Schedule is a cron expression of five fields or a descriptor such as @hourly. It has no time zone of its own:
// give Next a time in the queue's.
type Schedule struct {
	cron.Schedule
	text string
}

func (s Schedule) String() string { return s.text }

// MarshalText writes the schedule as the file does.
func (s Schedule) MarshalText() ([]byte, error) { return []byte(s.text), nil }

// UnmarshalText reads the expression, and refuses one that has a time zone or never comes due.
func (s *Schedule) UnmarshalText(text []byte) error {
	spec := string(text)
	if strings.HasPrefix(spec, "TZ=") || strings.HasPrefix(spec, "CRON_TZ=") {
		return fmt.Errorf("must not hold a time zone: set the queue's time_zone")
	}
	parsed, err := cron.ParseStandard(spec)
	if err != nil {
		return fmt.Errorf("is not a cron expression: write five fields (minute, hour, day, month, weekday), such as 0 9-17 * * 1-5")
	}
	// Any fixed instant will do, so that a file is not right one day and wrong the next.
	if parsed.Next(time.Unix(0, 0).UTC()).IsZero() {
		return fmt.Errorf("never comes due: name a day that its month has, or set off: true")
	}
	*s = Schedule{parsed, spec}
	return nil
}

func mustSchedule(spec string) Schedule {
	var s Schedule
	if err := s.UnmarshalText([]byte(spec)); err != nil {
		panic(err)
	}
	return s
}

// assign reads text as v's type asks. It returns what is wrong, or "".
func assign(v reflect.Value, text string) string {
	switch p := v.Addr().Interface().(type) {
	case *time.Duration:
		length, err := parseDuration(text)
		if err != nil {
			return "must be a length of time, such as 30m, 48h or 5d"
		}
		*p = length
	case **time.Location:
		zone, err := time.LoadLocation(text)
		if err != nil || text == "" || text == "Local" {
			return "is not a time zone: write an IANA name, such as Europe/Paris or UTC"
		}
		*p = zone
	case *Words:
		if text != "" {
			*p = Words{"": text}
		}
	case encoding.TextUnmarshaler:
		if err := p.UnmarshalText([]byte(text)); err != nil {
			return err.Error()
		}
	default:
		v.SetString(text)
	}
	return ""
}

// parseDuration reads a Go duration, before which days may stand: "48h", "5d", "1d12h".
func parseDuration(text string) (time.Duration, error) {
	count, rest, ok := strings.Cut(text, "d")
	if !ok {
		return time.ParseDuration(text)
	}
	days, err := strconv.ParseUint(count, 10, 15) // 89 years: no overflow, whatever follows
	if err != nil || rest == "" {
		return time.Duration(days) * day, err
	}
	length, err := time.ParseDuration(rest)
	if err == nil && (length < 0 || length >= day) {
		err = fmt.Errorf("%s beside days must be less than one", rest)
	}
	return time.Duration(days)*day + length, err
}

func bounds(length time.Duration, least, most string) string {
	if limit, err := parseDuration(least); err == nil && length < limit {
		return "is too short: it must be at least " + least
	}
	if limit, err := parseDuration(most); err == nil && length > limit {
		return "is too long: it must be at most " + most
	}
	return ""
}
