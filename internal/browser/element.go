package browser

import (
	"context"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Elements are found by XPath, which can look at what a person goes by: the words on them.

const (
	often    = 30 * time.Millisecond // and not at each frame, which would have Chromium draw them all
	patience = 20 * time.Second      // far above what anything here takes, so that a slow machine fails no test
)

// run does one thing in the browser.
func run[T any](p *Page, what string, action chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	answer, err := chromedp.Run(ctx, action)
	if err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
	return answer
}

// ask waits until a function of the page gives an answer other than false, zero or null.
func ask[T any](p *Page, what, function string, args ...any) T {
	p.t.Helper()
	return run(p, what, chromedp.PollFunction[T](function,
		chromedp.WithPollingArgs(args...), chromedp.WithPollingInterval(often)))
}

const (
	first = `document.evaluate(path, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE, null).singleNodeValue`
	all   = `document.evaluate(path, document, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE, null)`
)

// see waits until some element is there, and gone until none is.
func (p *Page) see(what, path string) {
	p.t.Helper()
	ask[bool](p, "not seen: "+what, `path => `+first+` !== null`, path)
}

func (p *Page) gone(what, path string) {
	p.t.Helper()
	ask[bool](p, "still there: "+what, `path => `+first+` === null`, path)
}

// point is a place on the page.
type point struct{ X, Y float64 }

// middle is that of the only element at a path, once it stands still and nothing covers it: a
// click where something has just been would hit something else.
const middle = `path => {
	const found = ` + all + `;
	if (found.snapshotLength !== 1) return null;
	const element = found.snapshotItem(0);
	element.scrollIntoView({block: "nearest"});
	const r = element.getBoundingClientRect();
	const at = {X: r.x + r.width / 2, Y: r.y + r.height / 2};
	const now = path + [r.x, r.y, r.width, r.height], before = window.lastMiddle;
	window.lastMiddle = now;
	return now === before && element.contains(document.elementFromPoint(at.X, at.Y)) ? at : null;
}`

func (p *Page) click(what, path string) {
	p.t.Helper()
	at := ask[point](p, what, middle, path)
	run(p, what, chromedp.MouseClickXY(at.X, at.Y))
}

// hover moves the mouse over an element, which makes some buttons appear.
func (p *Page) hover(what, path string) {
	p.t.Helper()
	at := ask[point](p, what, middle, path)
	run(p, what, chromedp.MouseEvent(chromedp.MouseMoved, at.X, at.Y))
}

// write types into a field, after a click on it, in place of what is there.
func (p *Page) write(what, path, text string) {
	p.t.Helper()
	p.click(what, path)
	ask[bool](p, what, `path => { const field = `+first+`; field.select(); return document.activeElement === field; }`, path)
	run(p, what, chromedp.KeyEvent(text))
	ask[bool](p, what, `(path, text) => `+first+`?.value === text`, path, text)
}

// pick chooses an option by the keyboard: the list that a click would open is no part of the page. Spaces that do not break are
// like others here.
func (p *Page) pick(what, path, option string) {
	p.t.Helper()
	place := ask[int](p, what, `(path, option) => {
		const select = `+first+`;
		select?.focus();
		return 1 + [...(select?.options ?? [])].findIndex(o => o.text.replace(/\s/g, " ") === option);
	}`, path, option)
	run(p, what, chromedp.KeyEvent(kb.Home+strings.Repeat(kb.ArrowDown, place-1)))
	ask[bool](p, what, `(path, option) => `+first+`?.selectedOptions[0]?.text.replace(/\s/g, " ") === option`, path, option)
}
