package letter

import (
	"bytes"
	"mime"
	"net/textproto"
	"strings"

	"github.com/jhillyerd/enmime/v2"
	"github.com/jhillyerd/enmime/v2/mediatype"
)

// content is what the parts of a mail hold, sorted.
type content struct {
	texts    []string // in the order of the mail; history and signatures from HTML are marked, see html.go
	files    []File
	report   bool   // multipart/report of any type (RFC 6522)
	status   []byte // its message/delivery-status
	original []byte // the mail it is about, or its header
}

// mostParts is how many lines may divide a mail, which takes time by the square of their number.
const mostParts = 10_000

// costliest is how many bytes, each as often as parts lie within parts, are taken apart. Reading
// goes through each layer for each byte, so a mail of a thousand layers would take minutes.
const costliest = 1 << 29

var parser = enmime.NewParser(
	enmime.RawContent(true), // decoded here, where what is broken or mislabelled is mended
	enmime.SkipMalformedParts(true),
	enmime.MultipartWOBoundaryAsSinglePart(true),
	enmime.MaxStoredPartErrors(1),
	enmime.SetCustomParseMediaType(mediaType),
)

// contents takes a mail apart. One that cannot be is kept whole, as a text or as a file.
func contents(raw, body []byte) content {
	var c content
	layers := bytes.Count(bytes.ToLower(raw), []byte("multipart/"))
	if layers > 1 && len(raw)*layers > costliest || layers > 0 && dashes(raw) > mostParts {
		c.files = append(c.files, File{Name: "message.eml", Type: "message/rfc822", Data: raw})
		return c
	}
	root, err := parser.ReadParts(bytes.NewReader(raw))
	if err != nil {
		c.texts = append(c.texts, lines(toUTF8(body, "")))
		return c
	}
	c.add(root)
	if len(c.texts) == 0 && len(c.files) == 0 && c.status == nil && root.FirstChild == nil {
		c.texts = append(c.texts, lines(toUTF8(body, "")))
	}
	// A multipart without any part within: whatever there is, is text.
	if root.FirstChild == nil && len(root.Content) == 0 && len(bytes.TrimSpace(body)) > 0 && len(c.files) == 0 && join(c.texts) == "" {
		c.texts = []string{lines(toUTF8(body, ""))}
	}
	return c
}

// dashes is how many lines may be such that divide.
func dashes(raw []byte) int {
	n := 0
	for line := range bytes.Lines(raw) {
		if bytes.Contains(line, []byte("--")) {
			n++
		}
	}
	return n
}

// longestType is how many bytes of a Content-Type are read, for the same reason.
const longestType = 8 << 10

// mediaType reads a Content-Type or Content-Disposition. It never fails, since enmime drops the
// parts for which it does.
func mediaType(value string) (string, map[string]string, []string, error) {
	value = value[:min(len(value), longestType)]
	t, params, invalid, err := mediatype.Parse(value)
	if err != nil {
		t, _, _ = strings.Cut(value, ";")
		t, params, invalid = strings.ToLower(strings.TrimSpace(t)), map[string]string{}, nil
		if strings.ContainsAny(t, " \t\"") {
			t = "text/plain"
		}
	}
	return t, params, invalid, nil
}

// add sorts a part and those within it.
func (c *content) add(p *enmime.Part) {
	if p.FirstChild == nil {
		c.leaf(p)
		return
	}
	switch kind := p.ContentType; {
	case kind == "multipart/alternative":
		c.alternative(p)
	case kind == "multipart/report":
		c.report = true
		c.children(p, func(q *enmime.Part) bool {
			switch q.ContentType {
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
		c.children(p, func(q *enmime.Part) bool {
			return q == p.FirstChild || !strings.HasSuffix(q.ContentType, "-signature")
		})
	case kind == "multipart/appledouble":
		c.children(p, func(q *enmime.Part) bool { return q.ContentType != "application/applefile" })
	default:
		c.children(p, func(*enmime.Part) bool { return true })
	}
}

func (c *content) children(p *enmime.Part, wanted func(*enmime.Part) bool) {
	for q := p.FirstChild; q != nil; q = q.NextSibling {
		if wanted(q) {
			c.add(q)
		}
	}
}

// alternative takes the first way of saying it that says anything, plain text before the others,
// and the files of all of them.
func (c *content) alternative(p *enmime.Part) {
	var plain, rich *content
	for q := p.FirstChild; q != nil; q = q.NextSibling {
		var way content
		way.add(q)
		c.files = append(c.files, way.files...)
		c.report = c.report || way.report
		if join(way.texts) == "" {
			continue
		}
		if isPlain := q.ContentType == "text/plain" || q.ContentType == ""; isPlain && plain == nil {
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
func (c *content) leaf(p *enmime.Part) {
	disposition := strings.ToLower(p.Disposition)
	kind := p.ContentType
	name := fileName(p)
	isText := kind == "text/plain" || kind == "" || kind == "text/html" || kind == "text/enriched" ||
		strings.HasPrefix(kind, "multipart/") && p.Boundary == ""
	if isText && disposition != "attachment" && name == "" {
		b := data(p)
		switch {
		case kind == "text/html":
			c.texts = append(c.texts, htmlText(htmlUTF8(b, p.Charset)))
		case strings.EqualFold(p.ContentTypeParams["format"], "flowed") || flowed(p.Header):
			c.texts = append(c.texts, unflow(lines(toUTF8(b, p.Charset)), delSp(p.Header)))
		default:
			c.texts = append(c.texts, lines(toUTF8(b, p.Charset)))
		}
		return
	}
	b := data(p)
	if len(b) == 0 && name == "" {
		return
	}
	if strings.HasPrefix(kind, "multipart/") { // nothing was found within
		kind = "application/octet-stream"
	}
	if kind == "" {
		kind = "application/octet-stream"
	}
	if name == "" {
		name = nameFor(kind, b)
	}
	c.files = append(c.files, File{
		Name: name, Type: kind, ContentID: oneLine(clean(p.ContentID)),
		// Apple calls each picture inline; for others a picture with an id is one the HTML shows.
		Inline: disposition == "inline" || disposition == "" && p.ContentID != "" && strings.HasPrefix(kind, "image/"),
		Data:   b,
	})
}

// data is what a part holds, as it was before it was made fit for travel.
func data(p *enmime.Part) []byte {
	text := strings.HasPrefix(p.ContentType, "text/") || p.ContentType == ""
	return fromTransfer(p.Content, p.Header.Get("Content-Transfer-Encoding"), text)
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

// params are those of a field that enmime reads but does not keep.
func params(h textproto.MIMEHeader, name string) map[string]string {
	_, p, err := mime.ParseMediaType(h.Get(name))
	if err != nil {
		return nil
	}
	return p
}

func flowed(h textproto.MIMEHeader) bool {
	return strings.EqualFold(params(h, "Content-Type")["format"], "flowed")
}

func delSp(h textproto.MIMEHeader) bool {
	return strings.EqualFold(params(h, "Content-Type")["delsp"], "yes")
}
