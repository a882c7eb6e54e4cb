// Package slackrules is our own table of what Slack accepts: blocks (blocks.go), messages and views
// (surfaces.go), and app manifests (manifest.go). The local stand-in accepts anything, so tests hold
// what guichet sends against this table instead. It takes decoded JSON or YAML. Lengths are counted
// in Unicode code points.
//
// It knows what guichet uses or may soon use. Kinds of blocks that are Slack's but not in the table
// pass unchecked; kinds that are not Slack's don't pass.
package slackrules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// rule says what is wrong with one value. at is where the value stands, for the errors.
type rule func(at string, v any) []error

func wrong(at, format string, args ...any) []error {
	return []error{fmt.Errorf("%s: %s", at, fmt.Sprintf(format, args...))}
}

// anything is the rule for what is not ours to check.
func anything(string, any) []error { return nil }

// props are the properties that an object may have; those whose names end in "!" it must have.
type props map[string]rule

// object takes objects with these properties and no others, for which the laws hold besides.
func object(p props, laws ...law) rule { return objectOf(p, false, laws) }

// open takes objects with these properties and any others.
func open(p props, laws ...law) rule { return objectOf(p, true, laws) }

func objectOf(p props, others bool, laws []law) rule {
	return func(at string, v any) []error {
		m, ok := v.(map[string]any)
		if !ok {
			return wrong(at, "is no object")
		}
		var errs []error
		for name := range m {
			if p[name] == nil && p[name+"!"] == nil && !others {
				errs = append(errs, wrong(at, "has the unknown property %q", name)...)
			}
		}
		for name, r := range p {
			bare := strings.TrimSuffix(name, "!")
			value, there := m[bare]
			switch {
			case there:
				errs = append(errs, r(join(at, bare), value)...)
			case bare != name:
				errs = append(errs, wrong(at, "lacks %q", bare)...)
			}
		}
		for _, l := range laws {
			errs = append(errs, l(at, m)...)
		}
		return errs
	}
}

func join(at, name string) string { return strings.TrimPrefix(at+"."+name, ".") }

// law says what is wrong between the properties of an object.
type law func(at string, m map[string]any) []error

// exactlyOne wants one of two properties, and not both.
func exactlyOne(a, b string) law {
	return func(at string, m map[string]any) []error {
		if (m[a] == nil) == (m[b] == nil) {
			return wrong(at, "must have either %q or %q", a, b)
		}
		return nil
	}
}

// atLeastOne wants one of some properties.
func atLeastOne(names ...string) law {
	return func(at string, m map[string]any) []error {
		for _, n := range names {
			if m[n] != nil && m[n] != "" {
				return nil
			}
		}
		return wrong(at, "must have one of %q", names)
	}
}

// kinds are sorts of objects, told apart by their "type".
type kinds map[string]rule

// of takes an object of one of these kinds, of any where none is named.
func (k kinds) of(names ...string) rule {
	return func(at string, v any) []error {
		m, _ := v.(map[string]any)
		name, _ := m["type"].(string)
		r, ok := k[name]
		if !ok || len(names) > 0 && !slices.Contains(names, name) {
			return wrong(at, "may not be of the type %q", name)
		}
		return r(at, v)
	}
}

// str takes texts of min to max characters.
func str(min, max int) rule {
	return func(at string, v any) []error {
		s, ok := v.(string)
		if n := utf8.RuneCountInString(s); !ok || n < min || n > max {
			return wrong(at, "is a text of %d characters: must be %d to %d", n, min, max)
		}
		return nil
	}
}

// like takes texts that match a pattern besides.
func like(pattern string, r rule) rule {
	re := regexp.MustCompile(pattern)
	return func(at string, v any) []error {
		if s, _ := v.(string); !re.MatchString(s) {
			return append(r(at, v), wrong(at, "does not match %s", pattern)...)
		}
		return r(at, v)
	}
}

// oneOf takes one of these words.
func oneOf(words ...string) rule {
	return func(at string, v any) []error {
		if s, _ := v.(string); !slices.Contains(words, s) {
			return wrong(at, "must be one of %q", words)
		}
		return nil
	}
}

// list takes min to max items.
func list(min, max int, item rule) rule {
	return func(at string, v any) []error {
		items, ok := v.([]any)
		if !ok || len(items) < min || len(items) > max {
			return wrong(at, "is a list of %d: must be %d to %d", len(items), min, max)
		}
		var errs []error
		for i, v := range items {
			errs = append(errs, item(fmt.Sprintf("%s[%d]", at, i), v)...)
		}
		return errs
	}
}

// unique wants the items of a list to differ in a property, where they have it.
func unique(name string, r rule) rule {
	return func(at string, v any) []error {
		errs := r(at, v)
		seen := map[any]bool{}
		items, _ := v.([]any)
		for i, item := range items {
			m, _ := item.(map[string]any)
			id, ok := m[name].(string)
			if ok && seen[id] {
				errs = append(errs, wrong(fmt.Sprintf("%s[%d]", at, i), "has the %s %q of another", name, id)...)
			}
			seen[id] = true
		}
		return errs
	}
}

// number takes whole or other numbers between two.
func number(min, max float64) rule {
	return func(at string, v any) []error {
		if n, ok := numeric(v); !ok || n < min || n > max {
			return wrong(at, "must be a number from %v to %v", min, max)
		}
		return nil
	}
}

func numeric(v any) (float64, bool) {
	switch n := v.(type) {
	case float64:
		return n, true
	case int:
		return float64(n), true
	}
	return 0, false
}

func boolean(at string, v any) []error {
	if _, ok := v.(bool); !ok {
		return wrong(at, "must be true or false")
	}
	return nil
}
