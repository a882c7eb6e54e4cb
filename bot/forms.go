package bot

import (
	"strings"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// Steps of the form for a new ticket. Each is a pure function of the values so far.
const (
	stepWhat     = "what"     // kind and service
	stepDescribe = "describe" // subject, description, and how bad it is
	stepEMM      = "emm"      // what the EMM service asks besides
)

// firstStep is where the form starts, given what is known already.
func firstStep(values map[string]string) string {
	if values["service"] != "" {
		return stepDescribe
	}
	return stepWhat
}

// nextStep is the step after one, empty after the last.
func nextStep(c *helpdesk.Catalog, step string, values map[string]string) string {
	switch step {
	case stepWhat:
		return stepDescribe
	case stepDescribe:
		if s, _ := c.Service(values["service"]); s.Form == helpdesk.EMMForm {
			return stepEMM
		}
	}
	return ""
}

// newForm is one step of the form for a new ticket.
func newForm(w text.Words, c *helpdesk.Catalog, step string, values map[string]string) card.Form {
	f := card.Form{ID: "ticket.new", Step: step, Title: w.Say("form.new.title"), Submit: w.Say("form.continue"), Cancel: w.Say("form.cancel")}
	service, known := c.Service(values["service"])
	if known {
		f.Intro = []string{w.Say("form.new.about", text.Args{"Service": service.Name(w.Language())})}
	}
	if step == stepKnown {
		return knownForm(w, f, values)
	}
	kind := card.Input{ID: "kind", Type: card.Choice, Label: w.Say("form.new.what"), Options: options(w, "kind.", helpdesk.Kinds)}
	switch step {
	case stepWhat:
		services := make([]card.Option, len(c.Services))
		for i, s := range c.Services {
			services[i] = card.Option{Value: s.Key, Text: s.Name(w.Language())}
		}
		f.Inputs = []card.Input{kind, {ID: "service", Type: card.Select, Label: w.Say("form.new.service"), Options: services}}

	case stepDescribe:
		if values["kind"] == "" {
			f.Inputs = append(f.Inputs, kind)
		}
		hint := w.Say("form.new.description.hint")
		if values[fieldRest] != "" {
			hint = w.Say("form.new.rest.hint")
		}
		f.Inputs = append(f.Inputs,
			card.Input{ID: "subject", Type: card.Text, Label: w.Say("field.subject"), Longest: helpdesk.MaxSubject, Initial: values["subject"]},
			card.Input{ID: "description", Type: card.Area, Label: w.Say("field.description"), Hint: hint, Longest: helpdesk.MaxDescription, Initial: values["description"]})
		if values["kind"] != helpdesk.Information {
			impact := card.Input{ID: "impact", Type: card.Select, Label: w.Say("field.impact"), Options: options(w, "impact.", helpdesk.Impacts)}
			urgency := card.Input{ID: "urgency", Type: card.Select, Label: w.Say("field.urgency"), Options: options(w, "urgency.", helpdesk.Urgencies)}
			if values["kind"] == "" { // it may still turn out to be no incident
				impact.Optional, urgency.Optional = true, true
				impact.Hint, urgency.Hint = w.Say("form.new.incident.hint"), w.Say("form.new.incident.hint")
			}
			f.Inputs = append(f.Inputs, impact, urgency)
		}
		if service.Form != helpdesk.EMMForm {
			f.Submit = w.Say("form.send")
			f.Inputs = withFiles(w, c, f.Inputs)
		}

	case stepEMM:
		f.Submit = w.Say("form.send")
		f.Inputs = []card.Input{
			{ID: "platform", Type: card.Select, Label: w.Say("field.platform"), Options: options(w, "platform.", helpdesk.Platforms)},
			{ID: "device", Type: card.Text, Label: w.Say("field.device"), Hint: w.Say("form.new.device.hint"), Longest: helpdesk.MaxDetail},
			{ID: "instance", Type: card.Text, Label: w.Say("field.instance"), Hint: w.Say("form.new.instance.hint"), Longest: helpdesk.MaxDetail},
		}
		f.Inputs = withFiles(w, c, f.Inputs)
	}
	return f
}

// mostInputs is how many fields a step has at most, on every door.
const mostInputs = 5

// mostChoices is how many choices a list of a form has, on every platform.
const mostChoices = 100

// withFiles adds the field for files to the last step, where there is room; else [Attach] is on the card.
func withFiles(w text.Words, c *helpdesk.Catalog, inputs []card.Input) []card.Input {
	if c.Files.Off || len(inputs) >= mostInputs {
		return inputs
	}
	return append(inputs, filesInput(w, true))
}

func requestOf(values map[string]string) helpdesk.Request {
	description, rest := values["description"], values[fieldRest]
	if cut := strings.TrimSuffix(description, "…"); rest != "" && cut != "" {
		description = cut
	}
	written := ""
	if unchanged(values) {
		written = values[fieldWritten]
	}
	return helpdesk.Request{
		Rest: rest, Written: written,
		Kind: values["kind"], Service: values["service"], Subject: values["subject"], Description: description,
		Impact: values["impact"], Urgency: values["urgency"],
		Platform: values["platform"], Device: values["device"], Instance: values["instance"],
	}
}

// messageForm is the form for a reply or an internal note on a ticket that is called so.
func messageForm(w text.Words, act helpdesk.Act, called, side string, requester store.Person, writer store.PersonID) card.Form {
	kind, hint := "reply", w.Say("form.reply.hint.requester")
	switch {
	case act == helpdesk.Note:
		kind, hint = "note", w.Say("form.note.hint")
	case side == store.DeskSide:
		hint = w.Say("form.reply.hint.desk", text.Args{"Requester": requester.Name})
	case requester.ID != writer:
		hint = w.Say("form.reply.hint.manager", text.Args{"Requester": requester.Name})
	}
	return card.Form{
		ID:     "ticket." + kind,
		Title:  titled(w, kind, called),
		Submit: w.Say("form.send"),
		Cancel: w.Say("form.cancel"),
		Inputs: []card.Input{{ID: "body", Type: card.Area, Label: w.Say("form." + kind + ".label"), Hint: hint, Longest: helpdesk.MaxDescription}},
	}
}

// longestOf is the length that a text field takes, zero for a choice.
func longestOf(field string) int {
	switch field {
	case "subject", "title":
		return helpdesk.MaxSubject
	case "description", "body", "summary":
		return helpdesk.MaxDescription
	case "device", "instance":
		return helpdesk.MaxDetail
	case "words":
		return helpdesk.MaxQuery
	case "name":
		return helpdesk.MaxName
	case "phone":
		return helpdesk.MaxPhone
	case "mail":
		return helpdesk.MaxMail
	case "reason":
		return helpdesk.MaxReason
	case "reference":
		return helpdesk.MaxVendorRef
	case "resolution":
		return helpdesk.MaxResolution
	case "comment":
		return helpdesk.MaxComment
	}
	return 0
}

func options(w text.Words, prefix string, values []string) []card.Option {
	out := make([]card.Option, len(values))
	for i, v := range values {
		out[i] = card.Option{Value: v, Text: w.Say(prefix + v)}
	}
	return out
}
