package main_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"guichet/internal/localslack"
	"guichet/internal/postoffice"
)

const (
	ordersOfABuyer = 5
	hadBefore      = 12 // licenses
	buyersAddress  = "martin@acme.example"
)

// The program is killed at random moments while a manager orders. They send a form that got no answer again. In the end each order is there
// once, with its licenses, one word of it in the chat and one mail.
func TestKilledWhileAManagerOrdersEachOrderIsPlacedAndMailedOnce(t *testing.T) {
	t.Parallel()
	eachRound(t, func(t *testing.T, address string, seed uint64) {
		mode := "socket"
		if strings.HasPrefix(address, "postgres") {
			mode = "http"
		}
		b := &buyer{}
		b.victim = newVictim(t, address, mode, seed, b.build)
		b.crowd = newCrowd(t, b.slack)
		b.introduce()
		done := make(chan error, 1)
		go func() { done <- b.buy() }()
		b.killWhile(done)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		b.settle()
		b.check()
		t.Logf("%d orders, %d kills, with %d deliveries in hand; %d forms were sent again", ordersOfABuyer, b.kills, b.inHand, b.again)
	})
}

// buyer is a manager who orders in Slack.
type buyer struct {
	*victim
	crowd *crowd
	post  *postoffice.Server
	again int
}

// build gives the program licenses with a price, and mail. The organization has some already.
func (b *buyer) build(v *victim) {
	v.t.Helper()
	b.post = postoffice.Start(v.t, freeAddress(v.t), false)
	b.post.Slow(100 * time.Millisecond) // so that many a death comes between "sent" and "noted"
	v.site.environ = append(v.site.environ, "GUICHET_MAIL_SECRET="+aSecret)
	for name, text := range map[string]string{"terms.txt": "The general terms.", "estate.csv": fmt.Sprintf("organization,license,ordered,activated,assigned\nacme,basic,%d,10,7\n", hadBefore)} {
		if err := os.WriteFile(v.site.path(name), []byte(text), 0o600); err != nil {
			v.t.Fatal(err)
		}
	}
	v.site.change("organizations:", `link: https://guichet.acme.example
general_terms: {version: 2026-01, file: terms.txt}
mail:
  from: `+deskAddress+`
  smtp: {address: "`+b.post.Address+`", tls: none}
organizations:`)
	v.site.change("- {key: office}", "- {key: office, licenses: [{key: basic, price: 5.10}]}")
	v.site.ends(0, `.*`, "", "migrate")
	v.site.ends(0, `(?s).*taken in: 1\..*`, "", "import", "licenses", "estate.csv")
}

// introduce has the manager met, and reachable by mail.
func (b *buyer) introduce() {
	b.t.Helper()
	err := b.crowd.until("the manager is known", func() bool {
		if met, err := b.rows(`SELECT name FROM people WHERE name = 'Martin Dupont'`); err != nil || len(met) == 0 {
			_ = b.slack.Command(b.crowd.ctx, localslack.Martin, localslack.General, "/license", "")
			return false
		}
		return b.try(`UPDATE people SET mail = '`+buyersAddress+`' WHERE name = 'Martin Dupont'`) == nil &&
			b.try(`INSERT INTO accounts (workspace, account, person_id) SELECT 'mail', '`+buyersAddress+`', id FROM people WHERE name = 'Martin Dupont' ON CONFLICT DO NOTHING`) == nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// buy makes orders of 1, 2, 3, ... licenses, so that they are told apart.
func (b *buyer) buy() error {
	p, err := b.slack.OpenPage(b.crowd.ctx, localslack.Martin)
	if err != nil {
		return err
	}
	defer p.Close()
	for n := range ordersOfABuyer {
		if err := b.order(p, n+1); err != nil {
			return fmt.Errorf("order of %d: %w", n+1, err)
		}
	}
	return nil
}

// order opens the form as often as it takes, and goes through its steps.
func (b *buyer) order(p *localslack.Page, n int) error {
	for deadline := time.Now().Add(crowdPatience); time.Now().Before(deadline); {
		form, opened, err := b.crowd.ask(p, "/license", "order")
		if err != nil || !opened {
			if err != nil {
				return err
			}
			continue
		}
		for stack := []localslack.View{form}; len(stack) > 0; {
			top := stack[len(stack)-1]
			asks := func(field string) bool {
				return slices.ContainsFunc(top.Inputs(), func(in localslack.Input) bool { return in.BlockID == field })
			}
			answers := map[string]string{}
			switch {
			case asks("license"):
				answers["license"], answers["quantity"] = "basic", fmt.Sprint(n)
			case asks("next"):
				if !strings.Contains(top.AllText(), fmt.Sprintf("%d × ", n)) {
					return fmt.Errorf("the basket is %s", top.AllText())
				}
				answers["next"] = "go on"
			default:
				answers["general"] = "yes"
			}
			values, err := top.Fill(answers)
			if err != nil {
				return err
			}
			after, wrong, err := p.Submit(b.crowd.ctx, values)
			switch {
			case err != nil:
				return err
			case len(wrong) > 0: // nobody answered, or it says that the order is there
				if told := fmt.Sprint(wrong); strings.Contains(told, ": placed") {
					return p.CloseView(b.crowd.ctx)
				} else if time.Now().After(deadline) {
					return errors.New(told)
				}
				b.again++
				time.Sleep(100 * time.Millisecond)
			case len(after) == 0:
				return nil
			default:
				stack = after
			}
		}
	}
	return errors.New("the form does not open")
}

// check counts what has become of the orders.
func (b *buyer) check() {
	t := b.t
	t.Helper()
	var quantities, states []string
	all := 0
	for n := range ordersOfABuyer {
		quantities, states, all = append(quantities, fmt.Sprint(n+1)), append(states, "placed"), all+n+1
	}
	if got := b.list(`SELECT CAST(quantity AS TEXT) FROM order_lines ORDER BY quantity`); !slices.Equal(got, quantities) {
		t.Errorf("ordered were %v", got)
	}
	if got := b.list(`SELECT state FROM orders`); !slices.Equal(got, states) {
		t.Errorf("the orders are %v", got)
	}
	if got := b.list(`SELECT CAST(ordered AS TEXT) FROM holdings`); !slices.Equal(got, []string{fmt.Sprint(hadBefore + all)}) {
		t.Errorf("there are %v licenses", got)
	}
	dm, err := b.slack.DM(b.crowd.ctx, localslack.Martin)
	if err != nil {
		t.Fatal(err)
	}
	mails := b.post.Mails(buyersAddress)
	for _, order := range b.list(`SELECT CAST(id AS TEXT) FROM orders`) {
		title := "Order " + order + ": placed"
		cards, err := b.crowd.find(dm, title)
		if err != nil || len(cards) != 1 {
			t.Errorf("%s: told %d times in the chat (%v)", title, len(cards), err)
		}
		different := map[string]bool{} // one whose fate was unknown is sent again under its own name, which mail programs show once
		for _, m := range mails {
			if strings.Contains(m.Subject, title) {
				different[m.MessageID] = true
			}
		}
		if len(different) != 1 {
			t.Errorf("%s: told by %d mails", title, len(different))
		}
	}
	for _, r := range b.strict.Refusals() {
		t.Errorf("guichet broke a rule of Slack's: %v", r)
	}
}
