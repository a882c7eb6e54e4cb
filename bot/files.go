package bot

import (
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
