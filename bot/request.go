package bot

import (
	"time"

	"guichet/bot/card"
	"guichet/helpdesk"
	"guichet/store"
)

// Request is one thing that a person did. Exactly one of Command and what follows it is set.
type Request struct {
	ID     string // the platform's own id of it, so that it is handled once; empty: it has none
	From   store.Account
	Name   string // what the platform calls the person, should a look-up fail
	Home   Home   // whether the platform says that they are of this workspace
	Place  store.Place
	Direct bool // Place is the person's direct channel

	Command    *Typed
	Press      *Press
	Submission *Submission
	Post       *helpdesk.Post
	Mention    *helpdesk.Post // a message that calls the bot by name, where it has no other reason to listen
	Revision   *helpdesk.Revision
	Reaction   *Reaction
	Shortcut   *Shortcut
	Opened     bool // they look at their home view
}

// Reaction is an emoji that was put on a message, or taken off it.
type Reaction struct {
	Emoji   string // the platform's short name of it, without colons or skin tone
	Message string
	Removed bool
}

// Shortcut is something chosen from the menu of a message.
type Shortcut struct {
	Name   string
	Quoted Quoted
}

// Quoted is a message as the platform shows it, which somebody wants to do something with.
type Quoted struct {
	Message string // its id
	Root    string // of the thread it is in; empty: it is in none
	Author  string // account of whoever wrote it; empty: a program
	Text    string
	Files   []helpdesk.FileRef
	At      time.Time // when it was written, where a Reader has read it
}

// Home is what a request itself says of whether its person belongs to the workspace it comes from.
type Home int

const (
	HomeUnknown Home = iota // it does not say: their profile will
	AtHome
	Visiting // of another workspace, met in a shared channel
)

// Typed is a command with its arguments.
type Typed struct {
	Name, Args string
	Mentioned  []string // accounts that it mentions, where the platform says so; else see Namer
}

// Press is a button, what it carries, and the message it is on.
type Press struct {
	Button, Value, Message string
	// Stays says that it was chosen from a menu which shows it as chosen, and can't be chosen from the same again, until the message
	// is drawn anew.
	Stays bool
}

// Submission is one step of a form, filled in.
type Submission struct {
	Form   string
	Values map[string]string
	Files  []helpdesk.FileRef // those of its field for files: a form has one at most
	Hidden card.Hidden
}

// key names a request among those of all workspaces; empty: it has no id.
func (r Request) key() string {
	if r.ID == "" {
		return ""
	}
	return r.From.Workspace + ":" + r.ID
}

func (r Request) nonce() string {
	if r.Submission == nil {
		return ""
	}
	return r.Submission.Hidden.Nonce
}

// comesAgain says whether the platform sends a request again that was not handled, so that nobody needs
// to be told. For the others a person waits.
func (r Request) comesAgain() bool {
	return r.Post != nil || r.Mention != nil || r.Revision != nil || r.Reaction != nil || r.Opened
}

func (r Request) kind() string {
	switch {
	case r.Mention != nil:
		return "mention"
	case r.Revision != nil:
		return "revision"
	case r.Reaction != nil:
		return "reaction"
	case r.Shortcut != nil:
		return "shortcut"
	case r.Opened:
		return "home"
	case r.Command != nil:
		return "command"
	case r.Press != nil:
		return "button"
	case r.Submission != nil:
		return "form"
	default:
		return "message"
	}
}

// thread is the root of the thread that a request is about, whoever made it.
func (r Request) thread() (root string, ok bool) {
	switch {
	case r.Post != nil:
		return r.Post.Root, true
	case r.Revision != nil:
		return r.Revision.Root, true
	case r.Reaction != nil:
		return r.Reaction.Message, true
	}
	return "", false
}
