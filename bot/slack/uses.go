package slack

import "slices"

// Use is one thing that this door asks of Slack, with the scopes that Slack wants for it.
type Use struct {
	Name   string
	Scopes []string
}

// Methods are the calls of the Web API that this door makes. manifest.yaml asks for their scopes
// and no others; tests hold the two, and the calls really made, against each other.
var Methods = []Use{
	{"apps.connections.open", nil}, // with the app token's connections:write
	{"auth.test", nil},
	{"chat.delete", []string{"chat:write"}},
	{"chat.getPermalink", nil}, // of a message that a ticket quotes
	{"chat.postEphemeral", []string{"chat:write"}},
	{"chat.postMessage", []string{"chat:write"}},
	{"chat.update", []string{"chat:write"}},
	{"conversations.history", []string{"groups:history", "im:history"}}, // to find again what was posted before a crash
	{"conversations.info", []string{"channels:read", "groups:read"}},    // a public channel must be seen to be refused
	{"conversations.members", []string{"groups:read"}},
	{"conversations.open", []string{"im:write"}},
	// Likewise, what was missed in an outage, and the message on which somebody put an emoji.
	{"conversations.replies", []string{"channels:history", "groups:history", "im:history"}},
	{"files.completeUploadExternal", []string{"files:write"}},
	{"files.delete", []string{"files:write"}}, // with the message that it was on
	{"files.getUploadURLExternal", []string{"files:write"}},
	{"files.info", []string{"files:read"}},        // whether it was shared before a crash
	{"users.getPresence", []string{"users:read"}}, // who wishes replies by mail while they are away
	{"users.info", []string{"users:read"}},
	{"views.open", nil},
	{"views.publish", nil}, // home views
	{"views.push", nil},    // a form that is asked for in a view
	{"views.update", nil},  // an answer to what was pressed in one
}

// Optional are the calls of the Web API that this door makes only where an administrator grants their scopes: without them a major
// incident is worked on in its ticket's thread.
var Optional = []Use{
	{"conversations.create", []string{"groups:write"}},
	{"conversations.invite", []string{"groups:write"}},
	{"conversations.list", []string{"groups:read"}}, // the channel that was made before a crash
	{"pins.add", []string{"pins:write"}},
}

// Events are what Slack sends this door.
var Events = []Use{
	{"app_home_opened", nil},
	{"app_mention", []string{"app_mentions:read"}}, // somebody calls the bot by name
	{"message.groups", []string{"groups:history"}}, // what agents write in their queue's channel
	{"message.im", []string{"im:history"}},         // what requesters write in their direct channel
	{"reaction_added", []string{"reactions:read"}}, // emoji that do something with a ticket, or open one
	{"reaction_removed", []string{"reactions:read"}},
}

// commandScope lets an app have slash commands.
const commandScope = "commands"

// Scopes are all that the app needs, in order.
func Scopes() []string {
	scopes := []string{commandScope}
	for _, u := range slices.Concat(Methods, Events) {
		scopes = append(scopes, u.Scopes...)
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}

// OptionalScopes are those that the app does without, in order.
func OptionalScopes() []string {
	var scopes []string
	for _, u := range Optional {
		scopes = append(scopes, u.Scopes...)
	}
	slices.Sort(scopes)
	return slices.DeleteFunc(slices.Compact(scopes), func(s string) bool { return slices.Contains(Scopes(), s) })
}
