package store

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/lib/pq"
)

// preparing makes connections that keep the statements they have run: a database parses and plans
// each once, not every time.
type preparing struct{ driver.Connector }

// maxKept is how many statements a connection keeps: more than the store has. Those that list ids
// come in many lengths; the ones that find no room are run as they are.
const maxKept = 250

func (p preparing) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	_, server := p.Connector.(*pq.Connector)
	return &preparingConn{conn: c.(conn), finalize: !server, kept: map[string]stmt{}}, nil
}

// conn and stmt are what both drivers offer of a connection and a statement.
type (
	conn interface {
		driver.Conn
		driver.ConnBeginTx
		driver.ConnPrepareContext
		driver.ExecerContext
		driver.Pinger
		driver.QueryerContext
		driver.SessionResetter
		driver.Validator
	}
	stmt interface {
		driver.Stmt
		driver.StmtExecContext
		driver.StmtQueryContext
	}
)

type preparingConn struct {
	conn
	finalize bool
	kept     map[string]stmt // by text
}

// Close closes the statements, too, without which SQLite would keep its file open and its journal
// beside it. PostgreSQL forgets them with the session, and needs no asking.
func (c *preparingConn) Close() error {
	var errs []error
	if c.finalize {
		for _, s := range c.kept {
			errs = append(errs, s.Close())
		}
	}
	return errors.Join(append(errs, c.conn.Close())...)
}

// prepare returns the statement of a text; nil when it is better run as it is.
func (c *preparingConn) prepare(ctx context.Context, text string, args []driver.NamedValue) (stmt, error) {
	s, ok := c.kept[text]
	if ok || len(args) == 0 || len(c.kept) >= maxKept {
		return s, nil
	}
	p, err := c.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	s = p.(stmt)
	c.kept[text] = s
	return s, nil
}

func (c *preparingConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.prepare(ctx, text, args)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.conn.QueryContext(ctx, text, args)
	}
	return s.QueryContext(ctx, args)
}

func (c *preparingConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.prepare(ctx, text, args)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.conn.ExecContext(ctx, text, args)
	}
	return s.ExecContext(ctx, args)
}

// CheckNamedValue leaves it to the driver to make values fit, if it wants to.
func (c *preparingConn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.conn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}
