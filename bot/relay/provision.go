package relay

import (
	"context"
	"errors"
	"fmt"

	"guichet/bot"
	"guichet/license"
	"guichet/store"
)

// Provisioner is a program that makes licenses usable.
type Provisioner interface {
	Provision(ctx context.Context, j license.Job) (license.Progress, error)
}

// provision has a program make licenses usable. Until the activation's deadline it is asked again; asked twice, it does it once.
func (r *Relay) provision(ctx context.Context, d store.Delivery) error {
	j, err := r.Licenses.Job(ctx, d)
	if err != nil {
		return bot.Because("database", err)
	}
	if j.Over {
		return nil
	}
	program, ok := r.Provisioners[d.Workspace]
	if !ok {
		return bot.Because("no_provisioner", fmt.Errorf("relay: %s is not configured", d.Workspace))
	}
	p, err := program.Provision(ctx, j)
	if err != nil {
		return bot.Because("provisioner", err)
	}
	err = r.Licenses.Progressed(ctx, j.License.Service, p)
	switch {
	case errors.Is(err, license.ErrOver): // it has called back meanwhile
		return nil
	case errors.Is(err, license.ErrBadProgress):
		p.State, p.Reason = store.Failed, "not understood"
		err = r.Licenses.Progressed(ctx, j.License.Service, p)
	}
	if err != nil {
		return bot.Because("database", err)
	}
	return nil
}
