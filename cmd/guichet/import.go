package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"

	"guichet/cmd/guichet/app"
)

// importCmd is for the operator who begins with what there is already.
type importCmd struct {
	Licenses importLicensesCmd `cmd:"" help:"Take in how many licenses organizations have, from a CSV file. Its first line names the columns: organization and license, by their keys in the configuration; ordered, activated and assigned, in numbers. All of it is taken in, or nothing."`
	Invoices importInvoicesCmd `cmd:"" help:"Take in invoices with their consumption detail, from a folder that holds invoices.csv (number, account, date, due, currency, net, vat, gross), lines.csv (invoice, service, centre, quantity, unit_price, period, vat_rate, net) and a PDF for each, called like its number. All of it is taken in, or nothing; what is there already is not changed."`
}

type importLicensesCmd struct {
	File   string `arg:"" type:"existingfile" help:"The file."`
	DryRun bool   `help:"Only say what would be taken in."`
}

func (i importLicensesCmd) Run(ctx context.Context, e *env) error {
	file, err := os.Open(i.File)
	if err != nil {
		return problem{exitUsage, err}
	}
	defer file.Close()
	return withApp(ctx, e, func(a *app.App) error {
		done, err := a.Licenses().Import(ctx, file, i.DryRun)
		if err != nil {
			return fmt.Errorf("nothing was taken in:\n%w", err)
		}
		w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
		if len(done.New) > 0 {
			fmt.Fprintln(w, "ORGANIZATION\tLICENSE\tORDERED\tACTIVATED\tASSIGNED")
		}
		for _, o := range done.New {
			fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\n", o.Organization, o.License, o.Ordered, o.Activated, o.Assigned)
		}
		if err := w.Flush(); err != nil {
			return err
		}
		tell(e, i.DryRun, len(done.New), done.Unchanged)
		return nil
	})
}

// tell says what an import came to.
func tell(e *env, dry bool, added, unchanged int) {
	verb := "taken in"
	if dry {
		verb = "to be taken in"
	}
	fmt.Fprintf(e.stdout, "%s: %d. There already: %d.\n", verb, added, unchanged)
}

type importInvoicesCmd struct {
	Dir    string `required:"" type:"existingdir" help:"The folder."`
	DryRun bool   `help:"Only say what would be taken in."`
}

func (i importInvoicesCmd) Run(ctx context.Context, e *env) error {
	return withApp(ctx, e, func(a *app.App) error {
		done, err := a.ImportInvoices(ctx, i.Dir, i.DryRun)
		if err != nil {
			return fmt.Errorf("nothing was taken in:\n%w", err)
		}
		w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
		if len(done.New) > 0 {
			fmt.Fprintln(w, "INVOICE\tORGANIZATION\tDATE\tGROSS\tCURRENCY")
		}
		for _, h := range done.New {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", h.Number, h.Organization, h.Issued, h.Gross, h.Gross.Currency)
		}
		if err := w.Flush(); err != nil {
			return err
		}
		tell(e, i.DryRun, len(done.New), done.Unchanged)
		return nil
	})
}
