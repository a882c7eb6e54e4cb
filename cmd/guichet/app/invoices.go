package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"guichet/billing"
	"guichet/cmd/guichet/config"
)

// Invoices turns a configuration into what is to be known of invoices.
func Invoices(c *config.Config) billing.Settings {
	s := billing.Settings{Accounts: map[string]string{}, Queue: c.BillingQueue, Largest: int64(c.Files.Largest)}
	for _, o := range c.Organizations {
		for _, account := range o.BillingAccounts {
			s.Accounts[account] = o.Key
		}
	}
	return s
}

// Invoices are looked after here, for what an operator does beside a running copy.
func (a *App) Invoices() *billing.Desk { return a.invoices }

// ImportInvoices takes in a folder of invoices: all of it, or nothing. With dry, nothing is written.
func (a *App) ImportInvoices(ctx context.Context, dir string, dry bool) (done billing.Import, err error) {
	if a.kept == nil {
		return done, errors.New("their PDFs could not be kept: the configuration turns files off (files.off)")
	}
	root, err := os.OpenRoot(dir) // nothing in it leads out of it
	if err != nil {
		return done, err
	}
	defer root.Close()
	batch, err := a.invoices.Read(root.FS())
	if err != nil {
		return done, err
	}
	if done, err = a.invoices.Import(ctx, batch, true); err != nil || dry {
		return done, err
	}
	for _, h := range done.New { // before anybody can ask for them
		if err := a.keepPDF(ctx, root.FS(), h); err != nil {
			return billing.Import{}, err
		}
	}
	return a.invoices.Import(ctx, batch, false)
}

// keepPDF puts the PDF of an invoice among the files, if it is still the one that was looked at.
func (a *App) keepPDF(ctx context.Context, folder fs.FS, h billing.Head) error {
	name := h.Number + ".pdf"
	file, err := folder.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	about, err := file.Stat()
	if err != nil {
		return err
	}
	sum := sha256.New()
	if err := a.kept.Put(ctx, h.PDF, io.TeeReader(file, sum), about.Size()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != h.PDF {
		return errors.Join(fmt.Errorf("%s has changed this very moment: try again", name), a.kept.Delete(ctx, h.PDF))
	}
	return nil
}
