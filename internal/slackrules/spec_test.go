package slackrules

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// spec holds specifications of Slack's blocks and manifests. It lies beside the repository on some
// machines; where it does not, these tests check nothing and say so.
const spec = "../../../shared/slack-spec/"

func TestSpecValidPass(t *testing.T) {
	files, err := filepath.Glob(spec + "blocks/valid/*/*.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Logf("%s is not here: nothing was checked", spec)
	}
	checked := 0
	for _, file := range files {
		kind, name := filepath.Base(filepath.Dir(file)), filepath.Base(file)
		var m obj
		read(t, file, &m)
		var errs []error
		switch {
		case kind == "messages":
			errs = Message(m)
		case kind == "attachments":
			errs = Message(obj{"attachments": []any{m}})
		case kind == "views":
			errs = View(m)
		case kind == "blocks":
			errs = inMessage(m)
		case kind == "elements" && m["type"] != "url":
			errs = elements.of()(name, m)
		case strings.HasPrefix(name, "option_group"):
			errs = optionGroup(name, m)
		case strings.HasPrefix(name, "option"):
			errs = option(name, m)
		case strings.HasPrefix(name, "text"):
			errs = text(3000)(name, m)
		case strings.HasPrefix(name, "confirmation"):
			errs = confirm(name, m)
		default:
			continue // we have no rule for it
		}
		checked++
		if len(errs) > 0 {
			t.Errorf("%s/%s: %v", kind, name, errs)
		}
	}
	t.Logf("%d of %d valid examples apply", checked, len(files))
}

// Each case of the specification that concerns a kind of thing in our table is a case of ours,
// with the specification's number, so TestLimits and TestLaws have seen it fail.
func TestSpecInvalidFail(t *testing.T) {
	var manifest struct {
		Cases []struct{ ID, Constraint string }
	}
	var numbers obj
	if !read(t, spec+"blocks/invalid/manifest.json", &manifest) || !read(t, spec+"blocks.limits.json", &numbers) {
		return
	}
	// Blocks of Slack's that guichet does not use, so that we have no rules for what is in them.
	foreign := []string{"alert", "card", "carousel", "container", "context_actions", "data_table", "data_visualization",
		"feedback_button", "icon_button", "table", "url_source", "video"}
	applied := 0
	for _, c := range manifest.Cases {
		thing, _, _ := strings.Cut(c.Constraint, ".")
		if slices.Contains(foreign, thing) {
			continue
		}
		applied++
		number := lookUp(numbers, c.Constraint)
		found := false
		for _, l := range limits {
			if l.name == c.Constraint {
				found = true
				if number != nil && number != float64(l.n) {
					t.Errorf("%s: the specification says %v, we %d", c.ID, number, l.n)
				}
			}
		}
		for _, l := range laws {
			found = found || l.name == c.Constraint
		}
		if !found {
			t.Errorf("%s: there is no case for %s", c.ID, c.Constraint)
		}
	}
	t.Logf("%d of %d invalid cases apply", applied, len(manifest.Cases))
}

// Each limit of Slack's schema that concerns what we have a rule for is one of ours, with its number.
func TestSpecManifest(t *testing.T) {
	var schema obj
	if !read(t, spec+"manifest.v1.schema.json", &schema) {
		return
	}
	numbers := map[string]int{}
	collect(numbers, schema, "", schema)
	foreign := []string{"app_directory", "datastores", "external_auth_providers", "features.agent_view", "features.assistant_view",
		"features.functions", "features.workflow_steps", "functions", "mcp_servers", "outgoing_domains", "settings.allowed_ip_address_ranges",
		"settings.event_subscriptions.metadata_subscriptions", "settings.siws_links", "types", "workflows"}
	for name, n := range numbers {
		ours, known := manifestLimits[name]
		isForeign := slices.ContainsFunc(foreign, func(part string) bool { return strings.HasPrefix(name, part+".") })
		if !isForeign && (!known || ours != n) {
			t.Errorf("%s: Slack's schema says %d, we %d", name, n, ours)
		}
	}
	t.Logf("the schema has %d limits, we %d", len(numbers), len(manifestLimits))
}

// collect gathers the limits in a part of a schema by the path of what they limit.
func collect(into map[string]int, schema obj, at string, part any) {
	p, _ := part.(obj)
	if ref, ok := p["$ref"].(string); ok {
		definitions, _ := schema["definitions"].(obj)
		collect(into, schema, at, definitions[strings.TrimPrefix(ref, "#/definitions/")])
	}
	for _, limit := range []string{"minLength", "maxLength", "minItems", "maxItems"} {
		if n, ok := p[limit].(float64); ok {
			into[at+"."+limit] = int(n)
		}
	}
	if items, ok := p["items"]; ok {
		collect(into, schema, join(at, "0"), items)
	}
	properties, _ := p["properties"].(obj)
	for name, v := range properties {
		collect(into, schema, join(at, name), v)
	}
}

// lookUp finds a value by its path.
func lookUp(v any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		m, _ := v.(obj)
		v = m[name]
	}
	return v
}

// read reads a file of the specification; false where it is not there.
func read(t *testing.T, file string, v any) bool {
	t.Helper()
	b, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		t.Logf("%s is not here: nothing was checked", file)
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	// Examples made by a generator give every block the same id, which Slack would refuse.
	b = []byte(strings.ReplaceAll(string(b), `"block_id": "fake_block_id",`, ""))
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
	return true
}
