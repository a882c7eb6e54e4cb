package helpdesk

import (
	"context"
	"errors"
	"fmt"

	"guichet/store"
)

// The audit log holds what an organization may have to prove: who was given a role, what was accepted, ordered and approved. An act only
// adds its entry; moments later a job seals it with a hash of itself and of the seal before, for each organization by itself. So an
// entry that is changed, or is gone, breaks the chain at its place. What is personal in an entry may be blanked: the chain has its hash.

// sealBatch is how many entries are sealed in one transaction.
const sealBatch = 200

// SealAudit seals what is not sealed yet. Any number of copies of the program may do so at once.
func (d *Desk) SealAudit(ctx context.Context) error {
	for {
		var organizations []string
		err := d.db.Look(ctx, func(tx *store.Tx) (err error) {
			organizations, err = tx.Unsealed(ctx, sealBatch)
			return err
		})
		if err != nil || len(organizations) == 0 {
			return err
		}
		var errs []error
		for _, o := range organizations { // one whose chain is broken keeps no other's open
			errs = append(errs, d.db.Write(ctx, func(tx *store.Tx) error {
				_, err := tx.SealNext(ctx, o, sealBatch)
				return err
			}))
		}
		if err := errors.Join(errs...); err != nil {
			return err
		}
	}
}

// Audited is how an organization's chain was found.
type Audited struct {
	Organization string
	Sealed       int64  // links that are in order
	Last         string // the hash of the last of them, which an operator may keep elsewhere: it shows whether the end of the chain was cut off
	Broken       string // what is wrong at the first place where something is; empty: nothing
}

// VerifyAudit goes through all chains.
func (d *Desk) VerifyAudit(ctx context.Context) (all []Audited, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		organizations, err := tx.AuditedOrganizations(ctx)
		if err != nil {
			return err
		}
		for _, o := range organizations {
			a := Audited{Organization: o}
			for more := true; more && a.Broken == ""; {
				ls, err := tx.Chain(ctx, o, a.Sealed, sealBatch)
				if err != nil {
					return err
				}
				for _, l := range ls {
					if a.Broken = brokenAt(a, l); a.Broken != "" {
						break
					}
					a.Sealed, a.Last = l.Seq, l.Hash
				}
				more = len(ls) == sealBatch
			}
			if a.Broken == "" {
				id, err := tx.Loose(ctx, o)
				if err != nil {
					return err
				}
				if id != 0 {
					a.Broken = fmt.Sprintf("entry %d is not in the chain", id)
				}
			}
			all = append(all, a)
		}
		return nil
	})
	return all, err
}

// brokenAt says what is wrong with a link after those that are in order.
func brokenAt(a Audited, l store.Link) string {
	at := fmt.Sprintf("seal %d, of entry %d, ", l.Seq, l.Sealed)
	switch {
	case l.Seq != a.Sealed+1:
		return fmt.Sprintf("seal %d is gone", a.Sealed+1)
	case l.Entry.ID == 0:
		return at + "has none: the entry is gone"
	case l.Organization != a.Organization:
		return at + "is of another organization"
	case !l.HoldsPersonal():
		return at + "has other personal facts than it was written with"
	case l.SealAfter(a.Last, l.Seq) != l.Hash:
		return at + "is not what was sealed: it, or what comes before, was changed"
	}
	return ""
}
