package config

import (
	"encoding"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// walker goes through the file and the struct side by side, led by the struct's tags, and notes what is wrong
// instead of stopping.
type walker struct {
	file     string
	env      map[string]string            // the GUICHET_ variables that are set
	known    map[string]bool              // the variables that were asked for
	lines    map[string]int               // where each path of the file stands
	names    map[string]map[string]string // kind, then name: the path that gives it
	refs     []reference
	home     map[string]string // a workspace's organization
	secrets  bool              // they are needed
	problems Problems
}

type reference struct{ path, kind, name string }

func newWalker(file string, environ []string) *walker {
	w := &walker{
		file:  file,
		env:   map[string]string{},
		known: map[string]bool{},
		lines: map[string]int{"": 1},
		names: map[string]map[string]string{},
	}
	for _, pair := range environ {
		if name, value, ok := strings.Cut(pair, "="); ok && strings.HasPrefix(name, "GUICHET_") {
			w.env[name] = value
		}
	}
	return w
}

// problem notes what is wrong at a path of the file, or with a variable of the environment.
func (w *walker) problem(path, format string, args ...any) {
	p := Problem{Path: path, Text: fmt.Sprintf(format, args...)}
	if !w.known[path] {
		p.File, p.Line = w.file, w.line(path)
	}
	w.problems = append(w.problems, p)
}

// line is where the path stands or, when it is not in the file, what should have held it.
func (w *walker) line(path string) int {
	for {
		if line, ok := w.lines[path]; ok {
			return line
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
}

// allow lets variables be set that nothing reads.
func (w *walker) allow(names ...string) {
	for _, name := range names {
		w.known[name] = true
	}
}

func (w *walker) variable(name string) (string, bool) {
	w.known[name] = true
	value, ok := w.env[name]
	return value, ok
}

// object fills a struct: its defaults, then what the file says, then the environment. n is nil when the file
// says nothing.
func (w *walker) object(v reflect.Value, n *yaml.Node, path string) {
	if d, ok := v.Addr().Interface().(interface{ defaults() }); ok {
		d.defaults()
	}
	var keys []string
	for f := range fields(v.Type()) {
		keys = append(keys, f.Tag.Get("yaml"))
	}
	values, ok := w.mapping(n, path, keys)
	if !ok {
		return
	}
	for f := range fields(v.Type()) {
		key := f.Tag.Get("yaml")
		w.field(v.FieldByIndex(f.Index), values[key], join(path, key), f.Tag)
	}
}

// fields yields those of a struct that have a key in the file.
func fields(t reflect.Type) func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for f := range t.Fields() {
			if f.Tag.Get("yaml") != "-" && !yield(f) {
				return
			}
		}
	}
}

func (w *walker) field(v reflect.Value, n *yaml.Node, path string, tag reflect.StructTag) {
	before := len(w.problems)
	switch {
	case isObject(v):
		w.object(v, n, path)
	case n != nil:
		w.value(v, n, path, tag)
	}
	if name := tag.Get("env"); name != "" {
		if text, ok := w.variable(name); ok {
			w.set(v, text, name, tag)
		}
	}
	missing := v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0
	if need := tag.Get("need"); need != "" && missing && len(w.problems) == before {
		w.problem(path, "is missing: %s", need)
	}
}

// isObject tells a struct with keys of its own from a value written as text.
func isObject(v reflect.Value) bool {
	_, text := v.Addr().Interface().(encoding.TextUnmarshaler)
	return v.Kind() == reflect.Struct && !text
}

func (w *walker) value(v reflect.Value, n *yaml.Node, path string, tag reflect.StructTag) {
	switch {
	case w.isAlias(n, path):
	case v.Kind() == reflect.Slice:
		w.list(v, n, path, tag)
	case v.Kind() == reflect.Map && n.Kind != yaml.ScalarNode:
		w.words(v.Addr().Interface().(*Words), n, path, tag)
	case n.Kind != yaml.ScalarNode:
		w.problem(path, "must be a single value, not a list or a block of keys")
	case v.Kind() == reflect.Bool:
		if n.ShortTag() != "!!bool" {
			w.problem(path, "must be true or false")
			return
		}
		v.SetBool(strings.EqualFold(n.Value, "true"))
	case (v.Kind() == reflect.String || v.Kind() == reflect.Map) && n.ShortTag() != "!!str":
		w.problem(path, "must be text: put it between quotes")
	default:
		w.set(v, n.Value, path, tag)
	}
}

// list keeps a place for every item, wrong or not, so that the paths of problems and of the slice agree.
func (w *walker) list(v reflect.Value, n *yaml.Node, path string, tag reflect.StructTag) {
	if n.Kind != yaml.SequenceNode {
		w.problem(path, "must be a list: write [a, b], or one item a line after a dash")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	seen := map[string]bool{}
	for i, item := range n.Content {
		at, elem := fmt.Sprintf("%s[%d]", path, i), v.Index(i)
		w.lines[at] = item.Line
		if isObject(elem) {
			w.object(elem, item, at)
			continue
		}
		w.value(elem, item, at, tag)
		if one := fmt.Sprint(elem.Interface()); seen[one] && !elem.IsZero() {
			w.problem(at, "is given twice: keep one")
		} else {
			seen[one] = true
		}
	}
}

func (w *walker) words(words *Words, n *yaml.Node, path string, tag reflect.StructTag) {
	if tag.Get("is") == "" {
		tag = `is:"filled"`
	}
	values, ok := w.mapping(n, path, languages)
	if !ok {
		return
	}
	*words = Words{}
	for _, language := range languages {
		if n := values[language]; n != nil {
			var text string
			w.value(reflect.ValueOf(&text).Elem(), n, join(path, language), tag)
			(*words)[language] = text
		}
	}
}

// mapping returns the values of a block by key, less those left empty, which count as absent. It is not ok when
// n is something else.
func (w *walker) mapping(n *yaml.Node, path string, known []string) (map[string]*yaml.Node, bool) {
	if n == nil || isNull(n) {
		return nil, true
	}
	if w.isAlias(n, path) {
		return nil, false
	}
	if n.Kind != yaml.MappingNode {
		w.problem(path, "must be a block of keys: %s", strings.Join(known, ", "))
		return nil, false
	}
	values, first := map[string]*yaml.Node{}, map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := join(path, shown(key))
		line, twice := first[key.Value]
		if !twice {
			first[key.Value], w.lines[at] = key.Line, key.Line
		}
		var text string
		switch {
		case key.Kind != yaml.ScalarNode || !slices.Contains(known, key.Value):
			text = "is not a known key: the keys here are " + strings.Join(known, ", ")
		case twice:
			text = fmt.Sprintf("is given twice, first at line %d: keep one", line)
		case !isNull(value):
			values[key.Value] = value
		}
		if text != "" {
			w.problems = append(w.problems, Problem{File: w.file, Line: key.Line, Path: at, Text: text})
		}
	}
	return values, true
}

var plainKey = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)

// shown is a key as a problem may repeat it: whole, unless it could be a token or upset a terminal.
func shown(key *yaml.Node) string {
	if !plainKey.MatchString(key.Value) || strings.HasPrefix(key.Value, "xox") || strings.HasPrefix(key.Value, "xapp") {
		return "?"
	}
	return key.Value
}

// isAlias refuses what stands for another part of the file: following it would give a value two places.
func (w *walker) isAlias(n *yaml.Node, path string) bool {
	if n.Kind == yaml.AliasNode {
		w.problem(path, "is a YAML alias (*), which is not read here: write the value itself, or quote it")
	}
	return n.Kind == yaml.AliasNode
}

func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// set gives v the value that is written as text at a path of the file, or in a variable.
func (w *walker) set(v reflect.Value, text, path string, tag reflect.StructTag) {
	wrong := ""
	if tag.Get("lines") != "many" {
		wrong = oneLine(text)
	}
	if words := strings.Fields(tag.Get("one")); len(words) > 0 && !slices.Contains(words, text) {
		wrong = "must be " + either(words)
	}
	if rule := rules[tag.Get("is")]; rule != nil && wrong == "" {
		wrong = rule(text)
	}
	if wrong == "" {
		wrong = assign(v, text)
	}
	if length, ok := v.Interface().(time.Duration); ok && wrong == "" {
		wrong = bounds(length, tag.Get("min"), tag.Get("max"))
	}
	if kind := tag.Get("ref"); kind != "" {
		w.refs = append(w.refs, reference{path, kind, text})
	}
	if kind := tag.Get("unique"); kind != "" && text != "" {
		if w.names[kind] == nil {
			w.names[kind] = map[string]string{}
		}
		if first, ok := w.names[kind][text]; ok {
			wrong = "is the same as " + first + ": each needs its own"
		} else {
			w.names[kind][text] = path
		}
	}
	if wrong != "" {
		w.problem(path, "%s", wrong)
	}
}

// either lists words as a sentence does: "a, b or c".
func either(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
