// Package browser is a person at local-slack's own page, in a real Chromium: it clicks, types and
// reads there for tests. What package localslack does over that program's protocols is faster;
// this shows that the page, on which people try guichet, works too.
package browser

import (
	"context"
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
	png := run(p, "take a picture", chromedp.CaptureScreenshot())
	if err := os.WriteFile(file, png, 0o644); err != nil {
		p.t.Fatal(err)
	}
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
