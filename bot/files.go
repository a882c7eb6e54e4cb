package bot

import (
	"slices"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// fileCard says whose a file is that is handed on, or why one is not.
func fileCard(w text.Words, del store.Delivery, brief helpdesk.Brief) card.Card {
	args := text.Args{"Name": name(brief.People, brief.Message.Author, w), "File": brief.File.Name}
	if del.Kind == helpdesk.TellFile {
		key := "file.from"
		if del.Person != 0 && del.Person == brief.Message.Author {
			key = "file.yours"
		}
		return card.Card{Lines: []string{w.Say(key, args)}}
	}
	args["Reason"] = w.Say("file.refused." + brief.File.Reason)
	return card.Card{Lines: []string{w.Say("file.refused", args)}}
}

// fileLines names the files on a message, with their sizes.
func fileLines(w text.Words, files []store.File) (lines []string) {
	for _, f := range files {
		key := "message.file"
		if f.State == store.FileRefused {
			key = "message.file.refused"
		}
		lines = append(lines, w.Say(key, text.Args{"File": f.Name, "Size": w.Size(f.Size)}))
	}
	return lines
}

// filesInput is the field of a form for files.
func filesInput(w text.Words, optional bool) card.Input {
	return card.Input{ID: "files", Type: card.Files, Label: w.Say("field.files"), Hint: w.Say("form.files.hint", text.Args{"N": helpdesk.MostFiles}),
		Optional: optional, Longest: helpdesk.MostFiles}
}

// attachForm asks for files in the first place, and for words if there are any.
func attachForm(w text.Words, reply card.Form, called string) card.Form {
	reply.ID, reply.Title = "ticket.attach", titled(w, "attach", called)
	for i := range reply.Inputs {
		reply.Inputs[i].Optional = true
	}
	reply.Inputs = append([]card.Input{filesInput(w, false)}, reply.Inputs...)
	return reply
}

// wrongFiles says at the field what is wrong with a form's files; nil when nothing is.
func (c *Call) wrongFiles(s Submission) map[string]string {
	rules := c.catalog().Files
	wrong, which := rules.CheckAll(s.Files)
	if wrong == "" {
		return nil
	}
	words := c.Words.Say("file.refused", text.Args{"File": helpdesk.SafeName(which.Name), "Reason": c.Words.Say("file.refused." + wrong)})
	if wrong == helpdesk.FileTooMany {
		words = c.Words.Say("wrong.files", text.Args{"N": len(s.Files), "Most": helpdesk.MostFiles})
	}
	return map[string]string{"files": words}
}

// attachButton opens a form for files, where they are carried.
func (b *Bot) attachButton(w text.Words, t store.Ticket, bs []card.Button) []card.Button {
	i := slices.IndexFunc(bs, func(b card.Button) bool { return b.ID == string(helpdesk.Reply) })
	if i < 0 || b.desk.Catalog().Files.Off {
		return bs
	}
	attach := bs[i]
	attach.ID, attach.Text = "attach", w.Say("button.attach")
	attach.Label = w.Say("button.label", text.Args{"Button": attach.Text, "Ticket": b.called(t), "Subject": t.Subject})
	return slices.Insert(bs, i+1, attach)
}
