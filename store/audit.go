package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
)

// Entry is an act that an organization may have to prove later. The audit log keeps it for good; but what is personal of it can be
// blanked without breaking the chain, which holds only its hash.
type Entry struct {
	ID           int64
	Organization string
	Actor        PersonID `db:"actor_id"`   // zero: the program, or its operator
	Subject      PersonID `db:"subject_id"` // whom it is about; zero: nobody, or nobody who was known then
	About        string   `db:"account"`    // likewise, by workspace and account (AccountName): whoever has it, later too; blanked with what is personal
	Act          string
	Detail       string // facts as JSON, of which none is personal
	Personal     string // facts as JSON that are; empty: there were none, or they were blanked
	Said         bool   // those are in the actor's own words, which are nobody else's to be given, rather than what is known of the subject
	Salt         string
	PersonalHash string `db:"personal_hash"`
	Source       string // where it came from: a workspace, the configuration, the command line
	At           Time
}

// Seal is a link of an organization's chain.
type Seal struct {
	Seq   int64
	Entry int64 `db:"entry_id"`
	Hash  string
}

const entryColumns = `a.id AS id, a.organization AS organization, COALESCE(a.actor_id, 0) AS actor_id, COALESCE(a.subject_id, 0) AS subject_id, a.account AS account, a.act AS act,
	a.detail AS detail, a.personal AS personal, a.said AS said, a.salt AS salt, a.personal_hash AS personal_hash, a.source AS source, a.at AS at`

// hashOf is a hash of several texts, none of which can be taken for a part of another.
func hashOf(texts ...string) string {
	h := sha256.New()
	for _, t := range texts {
		fmt.Fprintf(h, "%d:%s,", len(t), t)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// HoldsPersonal says whether what is personal in an entry is what it was written with, or was blanked.
func (e Entry) HoldsPersonal() bool {
	return e.Salt == "" && e.Personal == "" || hashOf(e.Salt, e.Personal) == e.PersonalHash
}

// SealAfter is the hash by which an entry follows another in its organization's chain; before is the other's hash, empty for the first.
func (e Entry) SealAfter(before string, seq int64) string {
	texts := []string{before, fmt.Sprint(seq), fmt.Sprint(e.ID), e.Organization, fmt.Sprint(e.Actor), fmt.Sprint(e.Subject), e.Act, e.Detail, e.PersonalHash,
		e.Source, fmt.Sprint(e.At.UnixMilli())}
	if e.Said { // what was sealed before there were such entries keeps its hash
		texts = append(texts, "said")
	}
	return hashOf(texts...)
}

// Audit adds an entry to the log. It is sealed moments later, so that no act waits for another's.
func (tx *Tx) Audit(ctx context.Context, e Entry) error {
	e.Salt = rand.Text()
	e.PersonalHash = hashOf(e.Salt, e.Personal)
	err := tx.get(ctx, &e.ID, `INSERT INTO audit (organization, actor_id, subject_id, account, act, detail, personal, said, salt, personal_hash, source, at)
		VALUES (?, NULLIF(CAST(? AS BIGINT), 0), NULLIF(CAST(? AS BIGINT), 0), ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		e.Organization, int64(e.Actor), int64(e.Subject), e.About, e.Act, e.Detail, e.Personal, e.Said, e.Salt, e.PersonalHash, e.Source, tx.Now)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `INSERT INTO unsealed (entry_id, organization) VALUES (?, ?)`, e.ID, e.Organization)
	return err
}

// Unsealed returns up to limit organizations of which entries are not sealed yet.
func (tx *Tx) Unsealed(ctx context.Context, limit int) (organizations []string, err error) {
	return organizations, tx.list(ctx, &organizations, `SELECT DISTINCT organization FROM unsealed LIMIT ?`, limit)
}

// SealNext seals up to limit entries of an organization, in order, and returns how many that were.
func (tx *Tx) SealNext(ctx context.Context, organization string, limit int) (int, error) {
	if err := tx.lockName(ctx, "audit "+organization); err != nil {
		return 0, err
	}
	var last Seal
	err := tx.get(ctx, &last, `SELECT seq, entry_id, hash FROM seals WHERE organization = ? ORDER BY seq DESC LIMIT 1`, organization)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return 0, err
	}
	var ids []int64
	err = tx.list(ctx, &ids, `SELECT entry_id FROM unsealed WHERE organization = ? ORDER BY entry_id LIMIT ?`, organization, limit)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	var es []Entry
	err = tx.list(ctx, &es, `SELECT `+entryColumns+` FROM audit a WHERE a.id IN (?) ORDER BY a.id`, ids)
	for _, e := range es {
		if err != nil {
			return 0, err
		}
		last = Seal{Seq: last.Seq + 1, Entry: e.ID, Hash: e.SealAfter(last.Hash, last.Seq+1)}
		_, err = tx.exec(ctx, `INSERT INTO seals (organization, seq, entry_id, hash) VALUES (?, ?, ?, ?)`, organization, last.Seq, last.Entry, last.Hash)
		if err == nil {
			_, err = tx.exec(ctx, `DELETE FROM unsealed WHERE entry_id = ?`, e.ID)
		}
	}
	return len(es), err
}

// AuditedOrganizations are those of which there is anything in the log.
func (tx *Tx) AuditedOrganizations(ctx context.Context) (organizations []string, err error) {
	return organizations, tx.list(ctx, &organizations, `SELECT organization FROM audit UNION SELECT organization FROM seals ORDER BY organization`)
}

// Link is a seal with the entry that it is of; a zero ID: that is gone.
type Link struct {
	Entry
	Seq    int64
	Sealed int64 `db:"entry_id"` // the entry's id, as the seal has it
	Hash   string
}

// Chain returns up to limit links of an organization's chain after one of them, in order.
func (tx *Tx) Chain(ctx context.Context, organization string, after int64, limit int) (ls []Link, err error) {
	return ls, tx.list(ctx, &ls, `SELECT s.seq AS seq, s.entry_id AS entry_id, s.hash AS hash, COALESCE(a.id, 0) AS id, COALESCE(a.organization, '') AS organization,
			COALESCE(a.actor_id, 0) AS actor_id, COALESCE(a.subject_id, 0) AS subject_id, COALESCE(a.act, '') AS act, COALESCE(a.detail, '') AS detail,
			COALESCE(a.personal, '') AS personal, COALESCE(a.said, FALSE) AS said, COALESCE(a.salt, '') AS salt, COALESCE(a.personal_hash, '') AS personal_hash,
			COALESCE(a.source, '') AS source, COALESCE(a.at, 0) AS at
		FROM seals s LEFT JOIN audit a ON a.id = s.entry_id WHERE s.organization = ? AND s.seq > ? ORDER BY s.seq LIMIT ?`, organization, after, limit)
}

// Loose returns the first entry of an organization that is neither sealed nor waits for that; zero if there is none.
func (tx *Tx) Loose(ctx context.Context, organization string) (id int64, err error) {
	err = tx.get(ctx, &id, `SELECT a.id FROM audit a LEFT JOIN seals s ON s.entry_id = a.id AND s.organization = a.organization LEFT JOIN unsealed u ON u.entry_id = a.id
		WHERE a.organization = ? AND s.seq IS NULL AND u.entry_id IS NULL ORDER BY a.id LIMIT 1`, organization)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	return id, err
}

// AccountName is an account as Entry.About has it.
func AccountName(a Account) string { return a.Workspace + "/" + a.ID }

// theirs says whether what is personal in an entry is somebody's own: they said it, or it is what is known of them.
func (who Selves) theirs(e Entry) bool {
	if e.Said {
		return slices.Contains(who.People, e.Actor)
	}
	return slices.Contains(who.People, e.Subject) || slices.Contains(who.names(), e.About)
}

// EntriesOf returns up to limit entries about somebody, or that they made, after one of them, in order. Of what is about others, or in their
// words, what is personal is left out.
func (tx *Tx) EntriesOf(ctx context.Context, who Selves, after int64, limit int) (es []Entry, err error) {
	err = tx.list(ctx, &es, `SELECT `+entryColumns+` FROM audit a WHERE a.id IN (
			SELECT id FROM audit WHERE subject_id IN (?) AND id > ?
			UNION SELECT id FROM audit WHERE account IN (?) AND account <> '' AND id > ?
			UNION SELECT id FROM audit WHERE actor_id IN (?) AND id > ?) ORDER BY a.id LIMIT ?`,
		who.ids(), after, who.names(), after, who.ids(), after, limit)
	for i := range es {
		if !who.theirs(es[i]) {
			es[i].Personal = ""
		}
	}
	return es, err
}

// BlankPersonal blanks what is personal in up to limit entries about somebody, or in their words, and returns how many that were.
func (tx *Tx) BlankPersonal(ctx context.Context, who Selves, limit int) (int, error) {
	var ids []int64
	err := tx.list(ctx, &ids, `UPDATE audit SET personal = '', salt = '', account = '' WHERE salt <> '' AND id IN (
			SELECT id FROM audit WHERE subject_id IN (?) AND salt <> ''
			UNION SELECT id FROM audit WHERE account IN (?) AND account <> '' AND salt <> ''
			UNION SELECT id FROM audit WHERE actor_id IN (?) AND said AND salt <> '' LIMIT ?) RETURNING id`, who.ids(), who.names(), who.ids(), limit)
	return len(ids), err
}
