package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"guichet/bot/mail/letter"
	"guichet/bot/mail/wire"
	"guichet/helpdesk"
	"guichet/markup"
	"guichet/store"
	"guichet/store/blob"
)

// Accepts says whether an address is one that mail is taken in for: a queue's, or one of a conversation. A
// mailbox's mails come to no address in particular.
func (d *Door) Accepts(address string) bool {
	_, _, signed := d.conversation(address)
	plain := !strings.Contains(address, "+")
	switch ours := d.ours(address); {
	case signed, ours && plain:
		return true
	case ours:
		d.Log.Warn("a mail was refused: the address to answer to is not one of ours", "queue", plainAddress(address))
	}
	return false
}

// takeWait bounds what is done with one mail.
const takeWait = 20 * time.Second

// Take takes in a mail: wire.Handler.
func (d *Door) Take(ctx context.Context, envelope wire.Envelope, raw []byte) error {
	began := time.Now()
	err := d.take(ctx, envelope, raw)
	if d.Handled != nil {
		var reject *wire.ErrReject
		fault := err
		if errors.As(err, &reject) || errors.Is(err, helpdesk.ErrTooManyMails) {
			fault = nil // not of ours
		}
		d.Handled("mail", time.Since(began), fault)
	}
	return err
}

// take takes in a mail. Nothing is ever answered here, since a mail that can't be taken in is refused
// while whoever brings it is still there; so nobody else gets a report of it.
func (d *Door) take(ctx context.Context, envelope wire.Envelope, raw []byte) error {
	ctx, cancel := context.WithTimeout(ctx, takeWait)
	defer cancel()
	l, err := letter.Read(bytes.NewReader(raw), letter.Options{AuthservID: d.Trust, Largest: d.Largest})
	switch {
	case errors.Is(err, letter.ErrTooLarge):
		return &wire.ErrReject{Code: 552, Text: "5.3.4 The mail is too large"}
	case err != nil:
		return &wire.ErrReject{Code: 554, Text: "5.6.0 This can't be read as a mail"}
	}
	in := helpdesk.Letter{
		External:  store.External{Workspace: helpdesk.Mail, Channel: clean(l.From.Address), ID: envelope.ID},
		Name:      l.From.Name,
		Subject:   l.Subject,
		Text:      canonical(l.Words),
		Automatic: slices.Contains(programs, l.Automatic) || envelope.From == "" && len(envelope.To) > 0,
		Silent:    l.Automatic != "",
		Sender:    believed(l.Verdict),
	}
	if l.Bounce != nil && l.Bounce.Action != "delayed" {
		in.Bounced, in.Reason = true, strings.TrimSpace(l.Bounce.Status+" "+l.Bounce.Diagnostic)
	}
	if d.ours(in.Channel) { // it went round
		d.Log.Warn("a mail that says it is from here was refused", "mail", envelope.ID)
		return &wire.ErrReject{Code: 550, Text: "5.7.1 This is where it would go"}
	}
	if !d.address(&in, envelope, l) {
		return &wire.ErrReject{Code: 550, Text: "5.1.1 There is nobody by this address"}
	}
	if err := d.keep(ctx, &in, l, raw); err != nil {
		return err
	}
	s, err := d.desk.Receive(ctx, in, d.Hourly)
	d.forget(ctx, in, err)
	return d.answer(in, s, err)
}

// programs are the reasons not to answer a mail that say that no person wrote it. The others, a list that it came
// by or a server that wants no answers, say nothing of that.
var programs = []string{letter.AutoSubmitted, letter.AutoBulk, letter.AutoNobody, letter.AutoSender, letter.AutoReport, letter.AutoLoop}

// clean is an address as it is compared.
func clean(address string) string { return strings.ToLower(strings.TrimSpace(address)) }

func canonical(words string) string { return markup.FromPlain(words).Canonical() }

// address finds to what a mail is: a conversation, or else a queue.
func (d *Door) address(in *helpdesk.Letter, envelope wire.Envelope, l letter.Letter) bool {
	to := envelope.To
	if len(to) == 0 { // from a mailbox
		to = slices.Concat(l.DeliveredTo, l.To, l.Cc)
	}
	for _, address := range to {
		if t, p, ok := d.conversation(address); ok {
			in.Ticket, in.Person = t, p
			return true
		}
	}
	for _, address := range to {
		if q, ok := d.catalog.QueueOfMail(plainAddress(address)); ok {
			in.Queue = q.Key
			return true
		}
		if d.ours(address) {
			in.Queue = d.catalog.DefaultQueue
			return true
		}
	}
	if len(envelope.To) == 0 { // it is in the mailbox, whatever alias it came by
		in.Queue = d.catalog.DefaultQueue
		return true
	}
	return false
}

// believed says what the verdict means.
func believed(v letter.Verdict) helpdesk.Sender {
	s := helpdesk.Sender{Trust: helpdesk.Unexamined}
	switch v.Outcome {
	case letter.Passed:
		s.Trust = helpdesk.Believed
	case letter.Failed:
		s.Trust = helpdesk.Disproved
	}
	var found []string
	for _, one := range [][2]string{{"SPF", v.SPF}, {"DKIM", v.DKIM}, {"DMARC", v.DMARC}} {
		if one[1] != "" {
			found = append(found, one[0]+" "+one[1])
		}
	}
	s.Found = strings.Join(found, ", ")
	return s
}

// longestText is how many characters of a mail are its words. All of a longer one goes with it as a file.
const longestText = 30_000

// mostFiles is how many files of a mail are handed on.
const mostFiles = 50

// keep puts the mail as it came into its place, under the same key whenever it comes, and names its files in it.
func (d *Door) keep(ctx context.Context, in *helpdesk.Letter, l letter.Letter, raw []byte) error {
	if d.Files != nil && !in.Automatic && !in.Bounced {
		in.Original = blob.KeyOf(in.Channel, in.External.ID, string(raw))
		if err := d.Files.Put(ctx, in.Original, bytes.NewReader(raw), int64(len(raw))); err != nil {
			return fmt.Errorf("mail: not kept: %w", err)
		}
	}
	if parts := markup.Split(in.Text, longestText); len(parts) > 1 && in.Original != "" {
		in.Text = parts[0] + "…"
		in.Files = append(in.Files, helpdesk.FileRef{ID: fileID(in.Original, wholeText), Name: "mail.txt", Type: "text/plain", Size: int64(len(l.Words))})
	}
	for n, f := range l.Files {
		if n == mostFiles {
			d.Log.Warn("a mail has too many files: the others are in the original only", "mail", in.External.ID, "files", len(l.Files), "original", in.Original)
			break
		}
		in.Files = append(in.Files, helpdesk.FileRef{ID: fileID(in.Original, n), Name: f.Name, Type: f.Type, Size: int64(len(f.Data))})
	}
	return nil
}

// forget drops a mail that was kept and is not taken in after all: whoever likes could fill the disk else.
func (d *Door) forget(ctx context.Context, in helpdesk.Letter, err error) {
	var refused *helpdesk.Refusal
	if in.Original == "" || !errors.As(err, &refused) && !errors.Is(err, helpdesk.ErrTooManyMails) {
		return
	}
	if err := d.Files.Delete(ctx, in.Original); err != nil {
		d.Log.Warn("a mail that was refused is still among the files", "original", in.Original, "error", err)
	}
}

// answer says to whoever brought a mail what became of it.
func (d *Door) answer(in helpdesk.Letter, s helpdesk.Spoken, err error) error {
	var refused *helpdesk.Refusal
	switch {
	case err == nil:
		d.Log.Info("mail taken in", "mail", in.External.ID, "ticket", s.Ticket.ID, "message", s.Message, "automatic", in.Automatic, "bounce", in.Bounced)
		return nil
	case errors.Is(err, helpdesk.ErrDuplicate):
		d.Log.Info("mail taken in before", "mail", in.External.ID)
		return nil
	case errors.Is(err, helpdesk.ErrIgnored):
		d.Log.Info("a mail that no person wrote was left out", "mail", in.External.ID)
		return nil
	case errors.Is(err, helpdesk.ErrTooManyMails):
		d.Log.Warn("too many mails of one sender: the others have to wait", "mail", in.External.ID)
		return err
	case errors.As(err, &refused):
		d.Log.Info("mail refused", "mail", in.External.ID, "code", refused.Code, "ticket", refused.Ticket.ID)
		return &wire.ErrReject{Code: 550, Text: refusals(refused.Code)}
	}
	d.Log.Error("mail not taken in, to be brought again", "mail", in.External.ID, "error", err)
	return err
}

// refusals are in English, as all that mail servers say to each other.
func refusals(code helpdesk.Code) string {
	switch code {
	case helpdesk.Stranger:
		return "5.7.1 This desk takes mail of people it knows: ask in your chat with /ticket, or write from your company's address"
	case helpdesk.NotOpen:
		return "5.7.1 Only the managers of your organization may write to this address: ask one of them"
	case helpdesk.Empty:
		return "5.6.0 The mail is empty"
	case helpdesk.UnknownTicket:
		return "5.7.1 You can't answer here any more: please write to the desk's own address"
	}
	return "5.7.1 The desk does not take this mail"
}
