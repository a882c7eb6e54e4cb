package mail

import (
	"crypto/hmac"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"guichet/bot"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// ConfirmPath is where links that confirm an address lead to.
const ConfirmPath = "/confirm/"

// linkOf is the link that shows that an address is somebody's. Nothing in the database makes one.
func (d *Door) linkOf(c store.Confirmation) string {
	return fmt.Sprintf("%s%s%d.%s", d.Link, ConfirmPath, c.ID, sign(d.Secrets[0], confirming(c)))
}

func confirming(c store.Confirmation) string {
	return fmt.Sprintf("confirm %d %d %d %s", c.ID, c.Person, c.CreatedAt.UnixMilli(), c.Address)
}

// ServeHTTP shows the page behind such a link. Mail servers follow links to see whether they are safe: so it asks,
// and only its button changes anything.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for name, value := range map[string]string{
		"Content-Type":            "text/html; charset=utf-8",
		"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
		"Referrer-Policy":         "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex", "X-Content-Type-Options": "nosniff",
	} {
		w.Header().Set(name, value)
	}
	a, err := d.asked(r)
	if err == nil && r.Method == http.MethodPost {
		a, err = d.desk.Confirm(r.Context(), a.ID)
	}
	p, status := confirmPage(a, r), http.StatusOK
	args, kind := bot.ConfirmArgs(p.words, a)
	switch {
	case errors.Is(err, helpdesk.ErrLapsed):
		p.Say, status = []string{p.words.Say("confirm.lapsed")}, http.StatusNotFound
		d.Log.Info("a link to confirm an address counts no more, or never did")
	case helpdesk.IsRefusal(err, helpdesk.Filed):
		p.Say, status = []string{p.words.Say("confirm.elsewhere", args)}, http.StatusConflict
		d.Log.Warn("an address is somebody's of another organization", "person", a.Person.ID)
	case err != nil:
		p.Say, status = []string{p.words.Say("confirm.failed")}, http.StatusServiceUnavailable
		d.Log.Error("an address was not confirmed", "error", err)
	case r.Method == http.MethodPost:
		p.Say = []string{p.words.Say("confirm."+kind+"done", args)}
		d.Log.Info("an address was confirmed", "person", a.Person.ID, "administrator", a.Administrator)
	default:
		p.Button = p.words.Say("confirm.button")
		p.Say = []string{p.words.Say("confirm."+kind+"ask", args), p.words.Say("confirm."+kind+"means", args)}
		if a.Other != "" {
			p.Say = append(p.Say, p.words.Say("confirm."+kind+"joins", args))
		}
		p.Say = append(p.Say, p.words.Say("confirm.not", args))
	}
	w.WriteHeader(status)
	_ = confirmSheet.Execute(w, p)
}

// asked reads what a link is about, helpdesk.ErrLapsed where it is not one of ours, or not any more.
func (d *Door) asked(r *http.Request) (helpdesk.Asked, error) {
	number, mac, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, ConfirmPath), ".")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return helpdesk.Asked{}, helpdesk.ErrLapsed
	}
	a, refused := d.desk.Asked(r.Context(), store.ConfirmationID(id))
	if refused != nil && !helpdesk.IsRefusal(refused, helpdesk.Filed) {
		return helpdesk.Asked{}, refused
	}
	signed := false
	for _, secret := range d.Secrets {
		signed = hmac.Equal([]byte(mac), []byte(sign(secret, confirming(a.Confirmation)))) || signed
	}
	if !signed {
		return helpdesk.Asked{}, helpdesk.ErrLapsed // in the same words: it tells nobody which there are
	}
	return a, refused
}

// confirmation is what the page shows.
type confirmation struct {
	words         text.Words
	Language      string
	Title, Button string // no button: nothing is to be done
	Say           []string
}

// confirmPage begins the page, in the person's language, or where the link tells of nobody in the browser's.
func confirmPage(a helpdesk.Asked, r *http.Request) confirmation {
	w := text.In(a.Person.Language)
	if a.Person.Language == "" {
		w = text.Accepted(r.Header.Get("Accept-Language"))
	}
	return confirmation{words: w, Language: w.Language(), Title: w.Say("confirm.subject")}
}

var confirmSheet = template.Must(template.New("confirm").Parse(`<!DOCTYPE html>
<html lang="{{.Language}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>
body { font: 1.1rem/1.5 sans-serif; max-width: 36rem; margin: 3rem auto; padding: 0 1rem; color: #1d1c1d; background: #fff }
button { font: inherit; padding: .6rem 1.4rem; border: 0; border-radius: .3rem; color: #fff; background: #14664b }
button:focus-visible { outline: 3px solid #1264a3; outline-offset: 2px }
</style></head>
<body><main>
<h1>{{.Title}}</h1>
{{range .Say}}<p>{{.}}</p>
{{end}}{{with .Button}}<form method="post"><button>{{.}}</button></form>
{{end}}</main></body></html>
`))
