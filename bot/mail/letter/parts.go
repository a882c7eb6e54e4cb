package letter

import "strings"

// content is what the parts of a mail hold, sorted.
type content struct {
	texts    []string // in the order of the mail; history and signatures from HTML are marked, see html.go
	files    []File
	report   bool   // multipart/report of any type (RFC 6522)
	status   []byte // its message/delivery-status
	original []byte // the mail it is about, or its header
}

// contents takes a mail apart and sorts what is in it.
func contents(h header, body []byte) content {
	var c content
	left := mostParts
	c.add(takeApart(h, body, "text/plain", 0, &left))
	return c
}

// add sorts a part and those within it.
func (c *content) add(p *part) {
	if len(p.parts) == 0 {
		c.leaf(p)
		return
	}
	switch kind := p.kind; {
	case kind == "multipart/alternative":
		c.alternative(p)
	case kind == "multipart/report":
		c.report = true
		c.children(p, func(q *part) bool {
			switch q.kind {
			case "message/delivery-status", "message/global-delivery-status":
				c.status = data(q)
			case "message/rfc822", "message/global", "message/rfc822-headers", "text/rfc822-headers", "message/global-headers":
				c.original = data(q)
			case "message/disposition-notification", "message/feedback-report":
			default:
				return true
			}
			return false
		})
	case kind == "multipart/signed":
		// The signature itself says nothing to a person (RFC 1847).
		c.children(p, func(q *part) bool {
			return q == p.parts[0] || !strings.HasSuffix(q.kind, "-signature")
		})
	case kind == "multipart/appledouble":
		c.children(p, func(q *part) bool { return q.kind != "application/applefile" })
	default:
		c.children(p, func(*part) bool { return true })
	}
}

func (c *content) children(p *part, wanted func(*part) bool) {
	for _, q := range p.parts {
		if wanted(q) {
			c.add(q)
		}
	}
}

// alternative takes the first way of saying it that says anything, plain text before the others,
// and the files of all of them.
func (c *content) alternative(p *part) {
	var plain, rich *content
	for _, q := range p.parts {
		var way content
		way.add(q)
		c.files = append(c.files, way.files...)
		c.report = c.report || way.report
		if join(way.texts) == "" {
			continue
		}
		if isPlain := q.kind == "text/plain" || q.kind == ""; isPlain && plain == nil {
			plain = &way
		} else if !isPlain && rich == nil {
			rich = &way
		}
	}
	switch {
	case plain != nil && (rich == nil || !stub(join(plain.texts), join(rich.texts))):
		c.texts = append(c.texts, plain.texts...)
	case rich != nil:
		c.texts = append(c.texts, rich.texts...)
	}
}

// stub says whether a plain text is only there to say that there is another one.
func stub(plain, rich string) bool {
	return len(plain) < 300 && strings.Contains(strings.ToLower(plain), "html") && len(rich) > len(plain)/2 &&
		!strings.Contains(strings.ToLower(rich), "html")
}

// leaf is a part that holds none.
func (c *content) leaf(p *part) {
	kind := p.kind
	name := fileName(p)
	isText := kind == "text/plain" || kind == "" || kind == "text/html" || kind == "text/enriched" ||
		strings.HasPrefix(kind, "multipart/") // nothing was found within
	if isText && p.disposition != "attachment" && name == "" {
		b := data(p)
		switch {
		case kind == "text/html":
			c.texts = append(c.texts, htmlText(htmlUTF8(b, p.params["charset"])))
		case strings.EqualFold(p.params["format"], "flowed"):
			c.texts = append(c.texts, unflow(lines(toUTF8(b, p.params["charset"])), strings.EqualFold(p.params["delsp"], "yes")))
		default:
			c.texts = append(c.texts, lines(toUTF8(b, p.params["charset"])))
		}
		return
	}
	b := data(p)
	if len(b) == 0 && name == "" {
		return
	}
	if kind == "" || strings.HasPrefix(kind, "multipart/") {
		kind = "application/octet-stream"
	}
	if name == "" {
		name = nameFor(kind, b)
	}
	id := strings.Trim(oneLine(clean(p.header.get("Content-ID"))), "<>")
	c.files = append(c.files, File{
		Name: name, Type: clean(kind), ContentID: id,
		// Apple calls each picture inline; for others a picture with an id is one the HTML shows.
		Inline: p.disposition == "inline" || p.disposition == "" && id != "" && strings.HasPrefix(kind, "image/"),
		Data:   b,
	})
}

// data is what a part holds, as it was before it was made fit for travel.
func data(p *part) []byte {
	text := strings.HasPrefix(p.kind, "text/") || p.kind == ""
	return fromTransfer(p.body, p.header.get("Content-Transfer-Encoding"), text)
}

// nameFor names a file that has no name.
func nameFor(kind string, b []byte) string {
	switch kind {
	case "message/rfc822", "message/global":
		h, _ := splitHeader(untilHeader(b))
		if subject := plainName(oneLine(decodeWords(h.get("Subject")))); subject != "" {
			return subject + ".eml"
		}
		return "message.eml"
	case "text/calendar":
		return "invite.ics"
	case "application/ms-tnef":
		return "winmail.dat"
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		return "smime.p7m"
	}
	return ""
}
