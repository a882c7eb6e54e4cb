package letter

import (
	"net/mail"
	"slices"
	"strings"

	"github.com/emersion/go-msgauth/authres"
	"golang.org/x/net/publicsuffix"
)

// Outcome is whether the sender is who they claim to be.
type Outcome string

const (
	Unknown Outcome = ""
	Passed  Outcome = "passed"
	Failed  Outcome = "failed"
)

// Verdict is what our own mail server found out about the sender.
type Verdict struct {
	Outcome Outcome
	SPF     string // the result words of RFC 8601, empty when not checked
	DKIM    string // of several signatures one that counts for the sender, or else the first
	DMARC   string
}

// NoID stands in Options.AuthservID for a server that does not name itself, as Exchange Online.
const NoID = "-"

// verdict reads the topmost Authentication-Results of a server that is believed (RFC 8601). Those
// below it came with the mail: anybody can write them.
func verdict(h header, from string, believed []string) Verdict {
	for _, value := range h.all("Authentication-Results") {
		value, whole := plain(value)
		id, _, _ := strings.Cut(value, ";")
		id = strings.TrimSpace(id)
		if strings.Contains(id, "=") {
			id, value = NoID, NoID+";"+value
		}
		id, _, _ = strings.Cut(id, " ")
		if !slices.ContainsFunc(believed, func(b string) bool { return b != "" && strings.EqualFold(b, id) }) {
			continue
		}
		if !whole {
			return Verdict{} // never on to those below
		}
		// What is read before an error counts: it never makes a result better than it was.
		_, results, _ := authres.Parse(value)
		v := weigh(results, domain(from))
		if v.Outcome == Passed && !oneSender(h) {
			v.Outcome = Unknown // which of them passed, nobody can say
		}
		return v
	}
	return Verdict{}
}

// weigh says whether what passed speaks for the domain of the sender (RFC 7489, section 3.1).
func weigh(results []authres.Result, from string) Verdict {
	var v Verdict
	passed, failed, dmarcFailed := false, false, false
	for _, r := range results {
		switch r := r.(type) {
		case *authres.SPFResult:
			if v.SPF == "" {
				v.SPF = string(r.Value)
			}
			mailFrom := domain(r.From)
			if mailFrom == "" {
				mailFrom = strings.ToLower(r.From)
			}
			passed = passed || r.Value == authres.ResultPass && aligned(mailFrom, from)
			failed = failed || r.Value == authres.ResultFail || r.Value == authres.ResultHardFail
		case *authres.DKIMResult:
			signer := r.Domain
			if signer == "" {
				signer = domain(r.Identifier)
			}
			ok := r.Value == authres.ResultPass && aligned(signer, from)
			if v.DKIM == "" || ok {
				v.DKIM = string(r.Value)
			}
			passed = passed || ok
			failed = failed || r.Value == authres.ResultFail || r.Value == authres.ResultHardFail
		case *authres.DMARCResult:
			// One written by the sender into what a server repeats must not outweigh the true one.
			if v.DMARC == "" || r.Value == authres.ResultFail {
				v.DMARC = string(r.Value)
			}
			passed = passed || r.Value == authres.ResultPass && (r.From == "" || strings.EqualFold(r.From, from))
			dmarcFailed = dmarcFailed || r.Value == authres.ResultFail
		}
	}
	switch {
	case dmarcFailed:
		v.Outcome = Failed
	case passed:
		v.Outcome = Passed
	case failed:
		v.Outcome = Failed
	}
	return v
}

// aligned says whether two domains belong to one organization.
func aligned(a, b string) bool {
	a, b = strings.ToLower(strings.TrimSuffix(a, ".")), strings.ToLower(b)
	if a == "" || b == "" {
		return false
	}
	if a == b {
		return true
	}
	x, err := publicsuffix.EffectiveTLDPlusOne(a)
	if err != nil {
		return false
	}
	y, err := publicsuffix.EffectiveTLDPlusOne(b)
	return err == nil && x == y
}

func domain(address string) string {
	i := strings.LastIndexByte(address, '@')
	if i < 0 {
		return ""
	}
	return strings.ToLower(address[i+1:])
}

// oneSender says whether a mail has one From with one address, as RFC 5322 allows servers to expect.
func oneSender(h header) bool {
	var list []mail.Address
	for _, v := range h.all("From") {
		list = append(list, addresses(v)...)
	}
	return len(h.all("From")) == 1 && len(list) == 1
}

// plain takes comments out and makes quoted strings plain, neither of which authres reads: a sender
// whose local part is "; dmarc=pass" would otherwise write results of their own. It is not whole
// when either does not end.
func plain(value string) (string, bool) {
	var out strings.Builder
	quoted, comment := false, 0
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case c == '\\' && (quoted || comment > 0):
			i++
		case c == '"' && comment == 0:
			quoted = !quoted
		case quoted:
			if strings.IndexByte("; \t=", c) >= 0 {
				c = '_'
			}
			out.WriteByte(c)
		case c == '(':
			comment++
		case c == ')' && comment > 0:
			comment--
			out.WriteByte(' ')
		case comment == 0:
			out.WriteByte(c)
		}
	}
	return clean(out.String()), !quoted && comment == 0
}
