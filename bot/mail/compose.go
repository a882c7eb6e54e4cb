package mail

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"io"
	"net/mail"
	"strconv"
	"strings"
	"time"

	"guichet/bot"
	"guichet/bot/card"
	"guichet/bot/mail/letter"
	"guichet/bot/mail/wire"
	"guichet/bot/text"
	"guichet/markup"
	"guichet/store"
)

// compose makes a mail of a letter, the same whenever it is sent again.
func (d *Door) compose(ctx context.Context, l bot.Letter, id store.DeliveryID) (wire.Mail, error) {
	from := d.sender(l.Queue, l.Language)
	_, domain, _ := strings.Cut(from.Address, "@")
	m := wire.Mail{From: from, To: mail.Address{Name: l.Name, Address: l.To}, Subject: l.Subject, Automatic: l.Automatic, Date: l.Date,
		MessageID: fmt.Sprintf("d%d.%s@%s", id, stamp(l.Date), domain)}
	if l.Automatic && l.Ticket == 0 {
		m.EnvelopeFrom = "<>" // nobody could do anything about its return
	}
	if l.Queue != "" {
		m.ListID = l.Queue + ".guichet." + domain
	}
	answerable := d.answers() && l.Ticket != 0
	if l.Ticket != 0 {
		// A mail that was never sent, from which all the others of the conversation go on: so programs keep them together.
		root := fmt.Sprintf("t%d.%d.%s@%s", l.Ticket, l.Person, stamp(l.Opened), domain)
		m.References = append([]string{root}, l.Answers...)
		m.InReplyTo = m.References[len(m.References)-1]
	}
	if answerable {
		m.ReplyTo = d.answerTo(from.Address, l.Ticket, l.Person)
		m.EnvelopeFrom = m.ReplyTo // so that a report of its return says to whom it was
	}
	if l.Confirm != nil {
		l.Card.Link = &card.Link{Text: l.Card.Link.Text, URL: d.linkOf(*l.Confirm)}
	}
	p := newPage(l, answerable)
	m.Text = p.text()
	var err error
	if m.HTML, err = p.html(); err != nil {
		return m, err
	}
	if l.File != nil {
		content, err := read(ctx, l.File)
		if err != nil {
			return m, err
		}
		m.Files = []wire.File{{Name: l.File.Name, Type: l.File.Type, Content: content}}
	}
	return m, nil
}

func stamp(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 36) }

func read(ctx context.Context, e *bot.Enclosure) ([]byte, error) {
	r, err := e.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	return io.ReadAll(r)
}

// page is what a letter shows, in whichever form: of its card the title, the body, the lines and the link.
type page struct {
	Language string
	Marker   string // empty: nobody can answer
	Card     card.Card
	Foot     string
	Heading  string // of what was said before; empty: nothing was
	Earlier  []earlier
}

type earlier struct {
	Who, When string
	body      markup.Text
}

func newPage(l bot.Letter, answerable bool) page {
	w := text.In(l.Language)
	p := page{Language: w.Language(), Card: l.Card, Foot: w.Say("mail.noanswer")}
	if answerable {
		p.Marker, p.Foot = letter.MarkerLine(l.Language), w.Say("mail.answer", text.Args{"Ticket": l.Called})
	}
	for _, e := range l.Earlier {
		p.Earlier = append(p.Earlier, earlier{e.Who, e.When, markup.FromCanonical(e.Body)})
	}
	if len(p.Earlier) > 0 {
		p.Heading = w.Say("mail.earlier")
	}
	return p
}

// text is the letter for those who read plain text: what is new first, what was said before quoted below.
func (p page) text() string {
	var parts []string
	add := func(s string) {
		if s = strings.TrimRight(s, "\n"); s != "" {
			parts = append(parts, s)
		}
	}
	add(p.Marker)
	add(p.Card.Title)
	add(markup.FromCanonical(p.Card.Body).Plain())
	for _, line := range p.Card.Lines {
		add(line)
	}
	if p.Card.Link != nil {
		add(p.Card.Link.Text + "\n" + p.Card.Link.URL)
	}
	add("-- \n" + p.Foot)
	add(p.Heading)
	for _, e := range p.Earlier {
		add(e.Who + ", " + e.When + "\n> " + strings.ReplaceAll(strings.TrimRight(e.body.Plain(), "\n"), "\n", "\n> "))
	}
	return strings.Join(parts, "\n\n") + "\n"
}

// Body is what somebody wrote.
func (p page) Body() template.HTML { // markup escapes what was typed, here and below
	return template.HTML(markup.FromCanonical(p.Card.Body).HTML())
}

// Body is what somebody wrote.
func (e earlier) Body() template.HTML { return template.HTML(e.body.HTML()) }

// sheet is plain, since mail programs differ: no styles but the few that all of them know, nothing from elsewhere.
var sheet = template.Must(template.New("letter").Parse(`<!DOCTYPE html>
<html lang="{{.Language}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>
<body style="font-family: sans-serif; line-height: 1.5; max-width: 42em">
{{with .Marker}}<p style="color: #595959; font-size: small">{{.}}</p>
{{end}}{{with .Card.Title}}<p><strong>{{.}}</strong></p>
{{end}}{{.Body}}{{range .Card.Lines}}<p>{{.}}</p>
{{end}}{{with .Card.Link}}<p><a href="{{.URL}}">{{.Text}}</a></p>
{{end}}<p style="color: #595959; font-size: small">{{.Foot}}</p>
{{with .Heading}}<hr>
<p>{{.}}</p>
{{end}}{{range .Earlier}}<p>{{.Who}}, {{.When}}</p>
<blockquote style="border-left: 3px solid #bbb; margin: 0; padding-left: 1em">
{{.Body}}</blockquote>
{{end}}</body></html>
`))

func (p page) html() (string, error) {
	var b bytes.Buffer
	err := sheet.Execute(&b, p)
	return b.String(), err
}
