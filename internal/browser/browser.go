// Package browser is a person at local-slack's own page, in a real Chromium: it clicks, types and
// reads there for tests. What package localslack does over that program's protocols is faster;
// this shows that the page, on which people try guichet, works too.
package browser

import (
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Within bounds all that one page does, so that a test that waits for what never comes ends with
// a picture.
const Within = 90 * time.Second

// The window, and so the size of the pictures.
const (
	width  = 1280
	height = 800
)

// Page is local-slack's page. Its methods wait until the page shows what they need; the test
// fails when it doesn't.
type Page struct {
	t   testing.TB
	ctx context.Context
}

// Open starts a fresh Chromium, which ends with the test, on a local-slack's address. When the
// test fails, its output names a picture of the page.
func Open(t testing.TB, url string) *Page {
	t.Helper()
	browser, stop := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(chromium(t)), chromedp.WindowSize(width, height),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		// A browser of this test talks to nobody but local-slack.
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	t.Cleanup(stop)
	ctx, closePage := chromedp.NewContext(browser)
	t.Cleanup(closePage)
	if err := chromedp.Do(ctx); err != nil { // the browser ends with the context of this call, which has no deadline
		t.Fatalf("Chromium does not start: %v", err)
	}
	timed, cancel := context.WithTimeout(ctx, Within)
	t.Cleanup(cancel)
	t.Cleanup(func() {
		if t.Failed() {
			picture(t, ctx)
		}
	})
	p := &Page{t: t, ctx: timed}
	p.do("open "+url, chromedp.EmulateViewport(width, height), chromedp.Navigate(url))
	p.see("the page is connected", `//header//span[normalize-space()="ui live"]`)
	return p
}

func chromium(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("GUICHET_TEST_CHROMIUM"); path != "" {
		return path
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("no Chromium: run this by `make test`, which installs one where it can, or set GUICHET_TEST_CHROMIUM to its path")
	return ""
}

// picture saves what a failed test's page shows, where it outlives the test.
func picture(t testing.TB, ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second) // the page's own time may be up
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Logf("no picture of the page: %v", err)
		return
	}
	dir := t.ArtifactDir()
	if f := flag.Lookup("test.artifacts"); f == nil || f.Value.String() != "true" {
		dir, err = os.MkdirTemp("", "guichet-browser-") // go test would remove the other
	}
	file := filepath.Join(dir, "page.png")
	if err := errors.Join(err, os.WriteFile(file, png, 0o644)); err != nil {
		t.Logf("no picture of the page: %v", err)
		return
	}
	t.Logf("a picture of the page: %s", file)
}

// Picture saves what the page shows as a PNG file.
func (p *Page) Picture(file string) {
	p.t.Helper()
	p.do("move the mouse out of the picture", chromedp.MouseEvent(chromedp.MouseMoved, 0, 0))
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(file, png, 0o644)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}
