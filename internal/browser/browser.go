// Package browser is a person at local-slack's own page, in a real Chromium: it clicks, types and
// reads there for tests. What package localslack does over that program's protocols is faster;
// this shows that the page, on which people try guichet, works too.
package browser

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/draw"
	"image/png"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// The page, and so the pictures of it: high enough for a whole thread.
const (
	width  = 1280
	height = 900
)

// Page is local-slack's page. Its methods wait until the page shows what they need; the test
// fails when it doesn't.
type Page struct {
	t   testing.TB
	ctx context.Context
}

// Open starts a fresh Chromium, which ends with the test, on a local-slack's address.
// GUICHET_TEST_CHROMIUM names the program, if it is not in its usual place. When the test fails,
// its output names a picture of the page.
func Open(t testing.TB, url string) *Page {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox) // root has none
	if path := os.Getenv("GUICHET_TEST_CHROMIUM"); path != "" {
		options = append(options, chromedp.ExecPath(path))
	}
	browser, end := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(end)
	ctx, closePage := chromedp.NewContext(browser)
	t.Cleanup(closePage)
	// By itself and without a deadline, since the browser ends with the context of its first use.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("Chromium does not start (make test installs it where it can): %v", err)
	}
	p := &Page{t: t, ctx: ctx}
	t.Cleanup(p.pictureOfFailure)
	run(p, "set the page's size", chromedp.EmulateViewport(width, height))
	run(p, "open "+url, chromedp.Navigate(url))
	p.see("the page is connected", `//header//span[normalize-space()="ui live"]`)
	return p
}

// Picture saves what the page shows as a PNG file.
func (p *Page) Picture(file string) {
	p.t.Helper()
	run(p, "move the mouse out of the picture", chromedp.MouseEvent(chromedp.MouseMoved, 0, 0))
	shot := run(p, "take a picture", chromedp.CaptureScreenshot())
	if err := os.WriteFile(file, shot, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// PictureOf saves what the page shows of the messages in the channel that have these texts, one each, from the first to the last.
func (p *Page) PictureOf(file string, texts ...string) {
	p.t.Helper()
	run(p, "make the page higher", chromedp.EmulateViewport(width, 2*height))
	defer run(p, "make the page as high as it was", chromedp.EmulateViewport(width, height))
	var paths []string
	for _, text := range texts {
		paths = append(paths, message(channel, []string{text}))
	}
	type box struct{ Left, Top, Right, Bottom float64 }
	b := ask[box](p, "see all of the messages", `(...paths) => {
		const boxes = paths.map(path => `+first+`?.getBoundingClientRect());
		const pane = document.querySelector("main.main").getBoundingClientRect();
		if (!boxes.every(b => b && b.top >= pane.top && b.bottom <= pane.bottom)) return null;
		const now = JSON.stringify(boxes), before = window.lastBoxes;
		window.lastBoxes = now;
		return now !== before ? null : {Left: pane.left, Right: pane.right, Top: boxes[0].top - 8, Bottom: boxes.at(-1).bottom + 8};
	}`, anys(paths)...)
	p.Picture(file)
	raw, err := os.ReadFile(file)
	if err != nil {
		p.t.Fatal(err)
	}
	whole, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		p.t.Fatal(err)
	}
	part := image.NewRGBA(image.Rect(0, 0, int(b.Right-b.Left), int(b.Bottom-b.Top)))
	draw.Draw(part, part.Bounds(), whole, image.Pt(int(b.Left), int(b.Top)), draw.Src)
	f, err := os.Create(file)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := errors.Join((&png.Encoder{CompressionLevel: png.BestCompression}).Encode(f, part), f.Close()); err != nil {
		p.t.Fatal(err)
	}
}

func anys(ss []string) (all []any) {
	for _, s := range ss {
		all = append(all, s)
	}
	return all
}

func (p *Page) pictureOfFailure() {
	if !p.t.Failed() {
		return
	}
	f, err := os.CreateTemp("", "guichet-page-*.png") // go test would remove what is in its own folders
	if err != nil {
		p.t.Fatal(err)
	}
	f.Close()
	p.Picture(f.Name())
	p.t.Logf("a picture of the page: %s", f.Name())
}
