package helpdesk

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"guichet/markup"
	"guichet/store"
)

// Word is something that an agent does by typing it in a ticket's thread, such as "?move emm it is a phone". It never leaves
// the thread.
type Word struct {
	Name string // one of those that there are, or whatever was typed
	Rest string // what follows it, in plain words
	body string // the same as it was typed, in canonical form
}

var wordPattern = regexp.MustCompile(`(?s)^[\s\p{Z}\p{Cf}]*\?([\p{L}\p{M}-]+)[\s\p{Z}]*`)

// WordOf reads what an agent typed in the thread as a word; ok is false if it is an ordinary message.
func WordOf(text string) (w Word, ok bool) {
	t := markup.FromCanonical(text)
	shown := t.Words()
	m := wordPattern.FindStringSubmatch(shown)
	if m == nil {
		return w, false
	}
	rest := t.After(len(m[0]))
	w = Word{Name: bare(m[1]), Rest: strings.TrimSpace(rest.Plain()), body: rest.Canonical()}
	for _, is := range words() {
		if slices.Contains(is.names(), w.Name) {
			w.Name = is.name
		}
	}
	return w, true
}

// bare is a text in small letters without accents.
func bare(text string) string {
	text, _, _ = transform.String(transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), text)
	return strings.ToLower(text)
}

// names are all that a word is called, as they are compared.
func (w aWord) names() []string {
	all := []string{w.name}
	for _, n := range w.also {
		all = append(all, bare(n))
	}
	return all
}

// WordNames are all words that mean something in a ticket's thread, in both languages.
func WordNames() (all []string) {
	for _, w := range words() {
		all = append(append(all, w.name), w.also...)
	}
	return all
}

// MainWords are the same, each once, by its name and in their order.
func MainWords() (all []string) {
	for _, w := range words() {
		all = append(all, w.name)
	}
	return all
}

// Answered is what came of a word.
type Answered struct {
	Word
	Outcome
	Refused *Refusal // why it was not done; nil: it was
	Wrong   string   // what about it was not understood, such as "whom"; empty: nothing
	Known   []string // what would have been, where that is a list
}

// misread is a word that is not understood.
type misread struct {
	what  string
	known []string
}

func (m *misread) Error() string { return "helpdesk: not understood: " + m.what }

// typedWord is a word that an agent typed in the thread of a locked ticket.
type typedWord struct {
	Word
	a         Actor
	who       Standing
	t         store.Ticket
	in        store.MessageID // the message that keeps it
	mentioned []string        // see Post
}

// first is the first of the words that follow, in small letters, and what comes after it.
func (w typedWord) first() (first, rest string) {
	if i := strings.IndexFunc(w.Rest, unicode.IsSpace); i >= 0 {
		first, rest = w.Rest[:i], strings.TrimSpace(w.Rest[i:])
	} else {
		first = w.Rest
	}
	return strings.ToLower(first), rest
}

// word does what an agent typed, in the transaction that keeps their message. What is refused leaves nothing but that: a word
// writes nothing before it is sure.
func (d *Desk) word(ctx context.Context, tx *store.Tx, w typedWord) (out Answered, err error) {
	out = Answered{Word: w.Word}
	w.a.Wordless = true // colleagues are told in words what happened
	all := words()
	i := slices.IndexFunc(all, func(is aWord) bool { return is.name == w.Name })
	if i < 0 {
		out.Wrong, out.Known = "word", WordNames()
		return out, nil
	}
	if all[i].act != "" {
		err = authorize(w.who, all[i].act, store.DeskSide, w.t)
	}
	if err == nil && all[i].do != nil {
		out.Outcome, err = all[i].do(d, ctx, tx, w)
	}
	var wrong *misread
	switch {
	case errors.As(err, &out.Refused):
		return out, nil
	case errors.As(err, &wrong):
		out.Wrong, out.Known = wrong.what, wrong.known
		return out, nil
	}
	return out, err
}

// agentIn finds the agent of a queue whom a text begins with, and what comes after: by a mention of their account; or by their name, or the
// first part of it if that is nobody else's, or their account, with or without @.
func agentIn(ctx context.Context, tx *store.Tx, q Queue, text string, mentioned []string) (_ store.PersonID, after string, found bool, err error) {
	agents, err := tx.AgentsAt(ctx, q.Place)
	if err != nil {
		return 0, "", false, err
	}
	name, at := strings.CutPrefix(text, "@")
	whom, longest := []store.PersonID{}, 0
	for _, a := range agents {
		if at && len(mentioned) > 0 && a.Account != mentioned[0] {
			continue // they have said whom they mean
		}
		first, _, _ := strings.Cut(a.Name, " ")
		for _, n := range []string{a.Name, first, a.Account} {
			switch length := begins(name, n); {
			case length == 0 || length < longest:
			case length > longest:
				whom, longest = []store.PersonID{a.Person}, length
			case !slices.Contains(whom, a.Person):
				whom = append(whom, a.Person)
			}
		}
		if at && len(mentioned) > 0 && len(whom) == 0 { // as the platform writes them
			whom, longest = []store.PersonID{a.Person}, len(name)
			if i := strings.IndexFunc(name, unicode.IsSpace); i >= 0 {
				longest = i
			}
		}
	}
	if len(whom) != 1 {
		return 0, "", false, nil
	}
	return whom[0], strings.TrimSpace(strings.TrimLeft(name[longest:], ":,")), true, nil
}

// begins is how many bytes of a text are a name that it begins with, zero if it does not. Capitals and small letters are the same.
func begins(text, name string) int {
	n := 0
	for range name {
		_, size := utf8.DecodeRuneInString(text[n:])
		n += size
	}
	next, _ := utf8.DecodeRuneInString(text[n:])
	if name == "" || !strings.EqualFold(text[:n], name) || unicode.IsLetter(next) || unicode.IsNumber(next) {
		return 0
	}
	return n
}
