package helpdesk_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guichet/helpdesk"
)

// whole is a form in which nothing is wrong.
func whole() helpdesk.Request {
	return helpdesk.Request{Kind: helpdesk.Incident, Service: "emm", Subject: "No mail", Description: "Since this morning",
		Impact: "one", Urgency: "low", Platform: "ios", Device: "iPhone 15", Instance: "acme.emm.example"}
}

func TestCheckOfEachField(t *testing.T) {
	const missing, long, unknown = helpdesk.FieldMissing, helpdesk.FieldTooLong, helpdesk.FieldUnknown
	type field struct {
		name string
		set  func(*helpdesk.Request, string)
	}
	for _, f := range []field{
		{"kind", func(r *helpdesk.Request, v string) { r.Kind = v }},
		{"service", func(r *helpdesk.Request, v string) { r.Service = v }},
		{"impact", func(r *helpdesk.Request, v string) { r.Impact = v }},
		{"urgency", func(r *helpdesk.Request, v string) { r.Urgency = v }},
		{"platform", func(r *helpdesk.Request, v string) { r.Platform = v }},
	} {
		for value, want := range map[string]string{"": missing, " ": unknown, "x": unknown, "ONE": unknown, "low\x00": unknown} {
			r := whole()
			f.set(&r, value)
			got := helpdesk.Check(catalog(), r)
			if got[f.name] != want {
				t.Errorf("%s %q: %q, want %q", f.name, value, got[f.name], want)
			}
			delete(got, f.name)
			if len(got) > 0 {
				t.Errorf("%s %q: besides, %v", f.name, value, got)
			}
		}
	}
	type text struct {
		field
		longest int
	}
	for _, f := range []text{
		{field{"subject", func(r *helpdesk.Request, v string) { r.Subject = v }}, helpdesk.MaxSubject},
		{field{"description", func(r *helpdesk.Request, v string) { r.Description = v }}, helpdesk.MaxDescription},
		{field{"device", func(r *helpdesk.Request, v string) { r.Device = v }}, helpdesk.MaxDetail},
		{field{"instance", func(r *helpdesk.Request, v string) { r.Instance = v }}, helpdesk.MaxDetail},
	} {
		for value, want := range map[string]string{
			"": missing, " \n\t": missing, "\u00a0\u202f": missing, "x": "", "  x  ": "",
			strings.Repeat("x", f.longest): "", strings.Repeat("x", f.longest+1): long,
			strings.Repeat("👍", f.longest): "", strings.Repeat("👍", f.longest+1): long, // characters, not bytes
			strings.Repeat("é", f.longest): "", strings.Repeat("é", f.longest+1): long,
		} {
			r := whole()
			f.set(&r, value)
			wants := map[string]string{}
			if want != "" {
				wants[f.name] = want
			}
			if diff := cmp.Diff(wants, helpdesk.Check(catalog(), r)); diff != "" {
				t.Errorf("%s %.10q: %s", f.name, value, diff)
			}
		}
	}
}

func TestCheckAsksOnlyWhatTheFormAsks(t *testing.T) {
	r := whole()
	r.Kind, r.Impact, r.Urgency = helpdesk.Information, "nonsense", ""
	if wrong := helpdesk.Check(catalog(), r); len(wrong) > 0 {
		t.Errorf("a request for information has no impact: %v", wrong)
	}
	r = whole()
	r.Service, r.Platform, r.Device, r.Instance = "office", "", strings.Repeat("x", 999), ""
	if wrong := helpdesk.Check(catalog(), r); len(wrong) > 0 {
		t.Errorf("only EMM asks for a device: %v", wrong)
	}
	want := map[string]string{"kind": "missing", "service": "missing", "subject": "missing", "description": "missing"}
	if diff := cmp.Diff(want, helpdesk.Check(catalog(), helpdesk.Request{})); diff != "" {
		t.Errorf("an empty form: %s", diff)
	}
}

func TestCheckBody(t *testing.T) {
	for body, want := range map[string]string{
		"": helpdesk.FieldMissing, " \n\u00a0": helpdesk.FieldMissing, "x": "", strings.Repeat("👍", helpdesk.MaxDescription): "",
		strings.Repeat("👍", helpdesk.MaxDescription+1): helpdesk.FieldTooLong,
	} {
		if got := helpdesk.CheckBody(body); got != want {
			t.Errorf("%.10q: %q, want %q", body, got, want)
		}
	}
}
