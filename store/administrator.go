package store

import (
	"context"
	"slices"
)

// AdministratorID names whoever looks after services of an organization.
type AdministratorID int64

// Administrator is whoever looks after services of an organization, a technical administrator. Until they have confirmed their address they
// are nobody who is known.
type Administrator struct {
	ID           AdministratorID
	Organization string
	Person       PersonID `db:"person_id"` // zero: nobody yet; then what follows is what a manager says of them, else it is empty
	Name         string
	Phone        string
	Mail         string
	Language     string
	CreatedAt    Time `db:"created_at"`
}

// Administered is a service of an organization with its administrator. Waiting is one who has still to confirm their address: until then
// another may have it.
type Administered struct {
	Organization  string
	Service       string
	Waiting       bool
	Administrator AdministratorID `db:"administrator_id"`
	Since         Time
}

// AuditAdministrators begins what the audit log calls acts that are about administrators: see Entry.Act. One is that they are none any more.
const (
	AuditAdministrators  = "administrator."
	AdministratorRemoved = AuditAdministrators + "remove"
)

var selectAdministrator = `SELECT ` + columnsOf("d", "id organization person_id? name phone mail language created_at").as("") + ` FROM administrators d `

// LockAdministrators makes those who change the administrators of an organization take turns.
func (tx *Tx) LockAdministrators(ctx context.Context, organization string) error {
	return tx.lockName(ctx, "administrators "+organization)
}

// Administrators returns all of an organization: few, since each has a service at least, and no service more than two.
func (tx *Tx) Administrators(ctx context.Context, organization string) (as []Administrator, err error) {
	return as, tx.list(ctx, &as, selectAdministrator+`WHERE d.organization = ? ORDER BY d.id`, organization)
}

// Administrator returns one by id.
func (tx *Tx) Administrator(ctx context.Context, id AdministratorID) (a Administrator, err error) {
	return a, tx.get(ctx, &a, selectAdministrator+`WHERE d.id = ?`, id)
}

// AddAdministrator inserts one.
func (tx *Tx) AddAdministrator(ctx context.Context, a Administrator) (Administrator, error) {
	a.CreatedAt = tx.Now
	return a, tx.get(ctx, &a.ID, `INSERT INTO administrators (organization, person_id, name, phone, mail, language, created_at)
		VALUES (?, NULLIF(CAST(? AS BIGINT), 0), ?, ?, ?, ?, ?) RETURNING id`, a.Organization, int64(a.Person), a.Name, a.Phone, a.Mail, a.Language, a.CreatedAt)
}

// SaveAdministrator writes who they are, or what is said of them.
func (tx *Tx) SaveAdministrator(ctx context.Context, a Administrator) error {
	_, err := tx.exec(ctx, `UPDATE administrators SET person_id = NULLIF(CAST(? AS BIGINT), 0), name = ?, phone = ?, mail = ?, language = ? WHERE id = ?`,
		int64(a.Person), a.Name, a.Phone, a.Mail, a.Language, a.ID)
	return err
}

// DropAdministrator deletes one who has no service.
func (tx *Tx) DropAdministrator(ctx context.Context, id AdministratorID) error {
	_, err := tx.exec(ctx, `DELETE FROM administrators WHERE id = ?`, id)
	return err
}

// AdministeredIn returns the services of an organization that have administrators.
func (tx *Tx) AdministeredIn(ctx context.Context, organization string) (all []Administered, err error) {
	return all, tx.list(ctx, &all, `SELECT organization, service, waiting, administrator_id, since FROM administered WHERE organization = ?
		ORDER BY service, waiting`, organization)
}

// Administer gives a service to an administrator, whosever it was.
func (tx *Tx) Administer(ctx context.Context, one Administered) error {
	_, err := tx.exec(ctx, `INSERT INTO administered (organization, service, waiting, administrator_id, since) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (organization, service, waiting) DO UPDATE SET administrator_id = excluded.administrator_id, since = excluded.since`,
		one.Organization, one.Service, one.Waiting, one.Administrator, tx.Now)
	return err
}

// Relieve takes a service from its administrator.
func (tx *Tx) Relieve(ctx context.Context, one Administered) error {
	_, err := tx.exec(ctx, `DELETE FROM administered WHERE organization = ? AND service = ? AND waiting = ?`, one.Organization, one.Service, one.Waiting)
	return err
}

// ServicesOf returns the services that a person administers, of their own organization.
func (tx *Tx) ServicesOf(ctx context.Context, id PersonID) (services []string, err error) {
	return services, tx.list(ctx, &services, `SELECT s.service FROM administrators d JOIN administered s ON s.administrator_id = d.id
		JOIN people p ON p.id = d.person_id AND p.organization = d.organization WHERE d.person_id = ? AND s.waiting = ? ORDER BY s.service`, id, false)
}

// AdministratorEntries returns up to limit entries of the audit log about the administrators of an organization before one of them (zero: the
// latest of all), the newest first.
func (tx *Tx) AdministratorEntries(ctx context.Context, organization string, before int64, limit int) (es []Entry, err error) {
	return es, tx.list(ctx, &es, `SELECT `+entryColumns+` FROM audit a WHERE a.organization = ? AND a.act >= 'administrator.' AND a.act < 'administrator/'
		AND -a.id > ? ORDER BY -a.id LIMIT ?`, organization, -orLatest(before), limit)
}

// ForgetAdministrators deletes those who have still to confirm an address, and returns what they were to administer, by organization. Nobody else
// changes the administrators of these meanwhile.
func (tx *Tx) ForgetAdministrators(ctx context.Context, mail string) (were []Administered, err error) {
	var in []string
	if err := tx.list(ctx, &in, `SELECT DISTINCT organization FROM administrators WHERE mail = ? AND mail <> '' ORDER BY organization`, mail); err != nil {
		return nil, err
	}
	for _, organization := range in {
		if err := tx.LockAdministrators(ctx, organization); err != nil {
			return nil, err
		}
		var some []Administered
		err := tx.list(ctx, &some, `DELETE FROM administered WHERE administrator_id IN (SELECT id FROM administrators WHERE mail = ? AND mail <> '' AND organization = ?)
			RETURNING organization, service, waiting, administrator_id, since`, mail, organization)
		if err != nil {
			return nil, err
		}
		if _, err := tx.exec(ctx, `DELETE FROM administrators WHERE mail = ? AND mail <> '' AND organization = ?`, mail, organization); err != nil {
			return nil, err
		}
		were = append(were, some...)
	}
	return were, nil
}

// joinAdministrators makes what one person administers another's, whom they have turned out to be.
func (tx *Tx) joinAdministrators(ctx context.Context, from, into PersonID) error {
	var both []Administrator
	err := tx.list(ctx, &both, selectAdministrator+`WHERE d.person_id IN (?)`, []PersonID{from, into})
	i := slices.IndexFunc(both, func(a Administrator) bool { return a.Person == from })
	if err != nil || i < 0 {
		return err
	}
	if len(both) == 1 {
		_, err = tx.exec(ctx, `UPDATE administrators SET person_id = ? WHERE id = ?`, into, both[i].ID)
		return err
	}
	if _, err = tx.exec(ctx, `UPDATE administered SET administrator_id = ? WHERE administrator_id = ?`, both[1-i].ID, both[i].ID); err != nil {
		return err
	}
	return tx.DropAdministrator(ctx, both[i].ID)
}
