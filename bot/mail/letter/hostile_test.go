package letter

import (
	"fmt"
	"strings"
	"testing"
)

// TestHostile reads what is made to take for ever. Each takes well under a second, and minutes or
// more than the memory there is when what guards against it is taken away.
func TestHostile(t *testing.T) {
	const head = "From: eve@example.net\n"
	text := head + "\n"
	html := head + "Content-Type: text/html\n\n"
	many := func(n int, s string) string { return strings.Repeat(s, n) }
	var layers, names, formats strings.Builder
	var fewer strings.Builder
	for i := range 20_000 {
		if i == 1_000 {
			fewer.WriteString(layers.String())
		}
		fmt.Fprintf(&layers, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
		fmt.Fprintf(&names, " name*%d=x;", i)
	}
	for i := range 400 {
		fmt.Fprintf(&formats, "<b a=%d>", i)
	}
	for name, mail := range map[string]string{
		"parts":            head + "Content-Type: multipart/mixed; boundary=b\n\n" + many(40_000, "--b\n\nx\n"),
		"parts with dirt":  head + "Content-Type: multipart/mixed; boundary=b\n\n" + many(40_000, "x--b \n\nx\n"),
		"layers":           head + layers.String(),
		"fewer layers":     head + fewer.String() + "\nwords",
		"folded":           head + "Subject: a\n" + many(100_000, " b\n") + "\nwords",
		"names":            head + "Content-Type: application/pdf;" + names.String() + "\n\nwords",
		"parameters":       head + "Content-Type: text/plain" + many(40_000, ";a=b") + "\n\nwords",
		"addresses":        head + "To: " + many(40_000, "a@example.com, ") + "\n\nwords",
		"comments":         head + "Cc: " + many(40_000, "(") + "\n\nwords",
		"encoded words":    head + "Subject: " + many(40_000, "=?utf-8?q?a?= ") + "\n\nwords",
		"formats":          html + "<p>" + formats.String() + "</p>" + many(20_000, "<p>x</p>"),
		"tags":             html + many(40_000, "<div>") + "words",
		"tables":           html + many(20_000, "<table><td>") + "words",
		"lists":            html + many(20_000, "<ul><li>") + "words",
		"large page":       html + many(100_000, "<p>words"),
		"colons":           text + many(10_000, "On 1 May 10:00 a@b:\n"),
		"wrote":            text + "a\n" + many(4_000, "On 1 May 2026 10:00 a@b.c wrote:\n\n> x\n\n"),
		"markers":          text + many(4_000, "> "+MarkerLine("en")+"\n> a\n"),
		"bare markers":     text + many(4_000, MarkerLine("en")+"\n"),
		"rules":            text + many(40_000, "--\n"),
		"forward, rules":   text + "Begin forwarded message:\n" + many(40_000, "--\n"),
		"underscores":      text + many(20_000, "_____\n\n\n"),
		"heads":            text + many(10_000, "From: a\nTo: b\n"),
		"quotes":           text + many(40_000, "> a\nb\n"),
		"short lines":      text + many(1_000_000, "a\n"),
		"sent from":        text + many(10_000, "Sent from my iPhone\n"),
		"one line":         text + many(180_000, "a:"),
		"results":          head + "Authentication-Results: mx.desk.example" + many(20_000, "; dkim=pass header.d=a.example") + "\n\nwords",
		"groups of status": head + "Content-Type: multipart/report; boundary=b\n\n--b\n\n--b\nContent-Type: message/delivery-status\n\n" + many(20_000, "Action: x\n\n"),
	} {
		t.Run(name, func(t *testing.T) {
			l, err := Read(strings.NewReader(mail), believed)
			if err != nil {
				t.Fatal(err)
			}
			promises(t, l)
		})
	}
}
