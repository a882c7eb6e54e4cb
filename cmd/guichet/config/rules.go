package config

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	keyPattern    = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
	idPattern     = regexp.MustCompile(`^[A-Z0-9]+$`)    // Slack's
	mmPattern     = regexp.MustCompile(`^[a-z0-9]{26}$`) // Mattermost's
	domainPattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)
	localPattern  = regexp.MustCompile(`^[A-Za-z0-9._-]{1,24}$`)    // without a +, and with room for one and what follows it
	schemePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]+:`) // two letters at least: C: is a Windows drive
)

// reserved are the words that /ticket takes where a service's key may stand.
var reserved = []string{"help", "list", "new", "why", "stats", "macro", "search"}

// rules are what the tag "is" names: each returns what is wrong with a text, or "".
var rules = map[string]func(string) string{
	"key":  keyRule,
	"team": pattern(idPattern, "is not Slack's id of a workspace: write capitals and digits, such as T01ACME"),
	"channel": func(text string) string {
		if idPattern.MatchString(text) || mmPattern.MatchString(text) {
			return ""
		}
		return "is not a channel id: write the id that ends the channel's link, such as C0SUPPORT, not its name"
	},
	"mattermost": pattern(mmPattern, "is not Mattermost's id of a team: write its 26 small letters and digits, as mattermost setup lists them"),
	"mail":       mailRule,
	"domain":     pattern(domainPattern, "must be what follows the @ of an address, in small letters, such as acme.example"),
	"account":    pattern(regexp.MustCompile(`^\S(.{0,58}\S)?$`), "must be up to 60 characters, without a space at either end"),
	"network": func(text string) string {
		if _, err := netip.ParsePrefix(text); err != nil {
			return "must be a network, such as 10.0.0.0/8 or 192.0.2.7/32"
		}
		return ""
	},
	"address": func(text string) string {
		host, port, err := net.SplitHostPort(text)
		if _, bad := strconv.ParseUint(port, 10, 16); text != "" && (err != nil || bad != nil || host == "") {
			return "must be host:port, such as mail.acme.example:587"
		}
		return ""
	},
	"mail listen": func(text string) string {
		_, port, err := net.SplitHostPort(text)
		if _, bad := strconv.ParseUint(port, 10, 16); text != "" && !strings.HasPrefix(text, "/") && (err != nil || bad != nil) {
			return "must be host:port, such as 127.0.0.1:2525, or the path of a socket"
		}
		return ""
	},
	"macro":    macroRule,
	"word":     pattern(regexp.MustCompile(`[\pL\pN].*[\pL\pN]`), "must be a word of two letters at least, or several"),
	"prefix":   pattern(regexp.MustCompile(`^([A-Za-z][A-Za-z0-9]{0,6}-)?$`), "must be a letter, then up to 6 letters or digits, then a dash, such as EMM-"),
	"filled":   pattern(regexp.MustCompile(`\S`), "is empty: write some words, or remove the key"),
	"service":  serviceRule,
	"database": databaseRule,
	"listen": func(text string) string {
		_, port, err := net.SplitHostPort(text)
		if _, bad := strconv.ParseUint(port, 10, 16); text != "" && text != "off" && (err != nil || bad != nil) {
			return "must be host:port, such as 127.0.0.1:8080, or off"
		}
		return ""
	},
	"url": func(text string) string {
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return "must be an http:// or https:// address without a query, such as https://slack.com/api/"
		}
		return ""
	},
}

// placeholders are those of helpdesk.Placeholders.
var placeholders = []string{"requester", "agent", "ticket", "subject", "service", "queue", "organization"}

var placeholder = regexp.MustCompile(`\{\{(.*?)\}\}`)

// macroRule takes a text of 3,000 characters at most, whose placeholders are all known.
func macroRule(text string) string {
	switch {
	case strings.TrimSpace(text) == "":
		return "is empty: write what is said"
	case utf8.RuneCountInString(text) > 3000:
		return "is too long: write 3000 characters at most"
	}
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(placeholders, m[1]) {
			return "has an unknown placeholder: there are {{" + strings.Join(placeholders, "}}, {{") + "}}"
		}
	}
	return ""
}

// mailRule takes addresses to whose local part a + and a token can be added (RFC 5321: 64 characters in all).
func mailRule(text string) string {
	local, domain, _ := strings.Cut(text, "@")
	if text != "" && (!localPattern.MatchString(local) || !domainPattern.MatchString(strings.ToLower(domain))) {
		return "must be a mail address, such as support@acme.example, with letters, digits, dots and dashes, 24 at most, before the @"
	}
	return ""
}

var keyRule = pattern(keyPattern, "must be a lower-case letter, then up to 31 lower-case letters, digits or dashes, such as acme")

func serviceRule(text string) string {
	if slices.Contains(reserved, text) {
		return "is a word of the /ticket command (" + strings.Join(reserved, ", ") + "): choose another key"
	}
	return keyRule(text)
}

func pattern(re *regexp.Regexp, wrong string) func(string) string {
	return func(text string) string {
		if re.MatchString(text) {
			return ""
		}
		return wrong
	}
}

// databaseRule is strict about what an address may hold, because what is read wrongly is also hidden wrongly: an
// unescaped @, / or # in a password would move part of it out of the password.
func databaseRule(text string) string {
	switch {
	case text == "":
		return "is empty: write a file's path or a postgres:// address"
	case Database(text).IsPostgres():
		u, err := url.Parse(text)
		at := strings.Count(text, "@")
		if err != nil || u.Host == "" || u.Fragment != "" || at > 1 || at == 1 && u.User == nil {
			return "is not an address that can be read: write postgres://user:password@host:5432/name, with %40 for @, %2F for / and %23 for # in the password"
		}
	case schemePattern.MatchString(text), strings.Contains(text, "://"), strings.Contains(text, "password="):
		return "must be a file's path, such as guichet.db, or an address that starts with postgres://"
	}
	return ""
}

func oneLine(text string) string {
	if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return "must be one line of plain text"
	}
	return ""
}
