package strictslack

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"guichet/internal/slackrules"
)

// maxViews is how many forms may lie on each other.
const maxViews = 3

// showsIn bounds how long local-slack takes to show a form.
const showsIn = 2 * time.Second

// view is a form or a home tab. local-slack gives it a new id with every change; here it keeps the
// first.
type view struct {
	id, upstream, hash string
	externalID         string
	root, previous     string
	user               string // whose home tab it is
	raw                obj    // what guichet asked to show
}

// views are the forms that are open, and the home tabs. local-slack has one stack of forms for
// everybody, so that here, too, one person at a time can have some.
type views struct {
	mu    sync.Mutex // held over a whole change, until local-slack shows it
	stack []*view
	homes map[string]*view // by user
}

// triggers are the acts of people that let guichet open a form.
type triggers struct {
	mu   sync.Mutex
	byID map[string]*trigger
}

type trigger struct {
	upstream, user string
	at             time.Time
	used           bool
}

// newTrigger makes a trigger_id in the place of local-slack's.
func (s *Server) newTrigger(upstream, user string) string {
	s.triggers.mu.Lock()
	defer s.triggers.mu.Unlock()
	now := time.Now()
	if s.triggers.byID == nil {
		s.triggers.byID = map[string]*trigger{}
	}
	maps.DeleteFunc(s.triggers.byID, func(_ string, t *trigger) bool { return now.Sub(t.at) > time.Hour })
	id := "13345224609." + random(10) + "." + strings.ToLower(random(32))
	s.triggers.byID[id] = &trigger{upstream: upstream, user: user, at: now}
	return id
}

// pull uses a trigger up.
func (s *Server) pull(id string) (*trigger, error) {
	s.triggers.mu.Lock()
	defer s.triggers.mu.Unlock()
	t := s.triggers.byID[id]
	switch {
	case t == nil:
		return nil, refuse("invalid_trigger_id")
	case t.used:
		return nil, refuse("exchanged_trigger_id")
	case time.Since(t.at) > s.o.clock.Trigger:
		return nil, refuse("expired_trigger_id")
	}
	t.used = true
	return t, nil
}

// readView checks the view in a call.
func readView(q *request) (obj, error) {
	raw, ok := q.args["view"].(obj)
	if !ok {
		return nil, &refusal{code: "invalid_arguments", messages: []string{"view: missing"}}
	}
	return raw, checkView(raw)
}

func checkView(raw obj) error {
	wrong := slackrules.View(raw)
	if len(wrong) == 0 {
		return nil
	}
	r := &refusal{code: "invalid_arguments"}
	for _, err := range wrong {
		r.messages = append(r.messages, "[ERROR] "+err.Error())
		if strings.HasPrefix(err.Error(), "view: is ") && strings.Contains(err.Error(), "bytes of JSON") {
			r.code = "view_too_large"
		}
	}
	return r
}

// unique wants no other view to have the same external_id.
func (v *views) unique(raw obj, but *view) error {
	id := text(raw, "external_id")
	for _, other := range v.all() {
		if id != "" && other != but && other.externalID == id {
			return refuse("duplicate_external_id")
		}
	}
	return nil
}

func (v *views) all() []*view {
	all := slices.Clone(v.stack)
	for _, h := range v.homes {
		all = append(all, h)
	}
	return all
}

func (s *Server) openView(ctx context.Context, q *request) (obj, error) { return s.raiseView(ctx, q) }
func (s *Server) pushView(ctx context.Context, q *request) (obj, error) { return s.raiseView(ctx, q) }

// raiseView opens a form, on top of others or instead of them.
func (s *Server) raiseView(ctx context.Context, q *request) (obj, error) {
	raw, err := readView(q)
	if err != nil {
		return nil, err
	}
	if raw["type"] != "modal" {
		return nil, &refusal{code: "invalid_arguments", messages: []string{"view: is no modal"}}
	}
	s.views.mu.Lock()
	defer s.views.mu.Unlock()
	s.catchUp()
	switch {
	case q.method == "views.push" && len(s.views.stack) >= maxViews:
		return nil, refuse("push_limit_reached")
	case q.str("trigger_id") == "":
		return nil, &refusal{code: "invalid_arguments", messages: []string{"trigger_id: missing"}}
	}
	if err := s.views.unique(raw, nil); err != nil {
		return nil, err
	}
	t, err := s.pull(q.str("trigger_id"))
	if err != nil {
		return nil, err
	}
	raw = named(raw)
	answer, err := s.forward(ctx, q.method, obj{"trigger_id": t.upstream, "view": raw})
	if err != nil {
		return nil, err
	}
	if q.method == "views.open" {
		s.views.stack = nil
	}
	v := s.newView(raw, text(answer, "view", "id"))
	s.views.stack = append(s.views.stack, v)
	return obj{"view": s.shownAs(v, answer["view"])}, s.shows(ctx, v.upstream)
}

// newView is a form on top of those that are open.
func (s *Server) newView(raw obj, upstream string) *view {
	v := &view{id: upstream, upstream: upstream, root: upstream, raw: raw, externalID: text(raw, "external_id"), hash: newHash()}
	if n := len(s.views.stack); n > 0 {
		v.root, v.previous = s.views.stack[0].id, s.views.stack[n-1].id
	}
	return v
}

func newHash() string { return newTS()[:10] + "." + random(8) }

// named is a view whose blocks have ids.
func named(raw obj) obj {
	raw = maps.Clone(raw)
	raw["blocks"] = withIDs(raw["blocks"])
	return raw
}

// shows waits until local-slack's page has shown a form: only then what it shows can be believed.
func (s *Server) shows(ctx context.Context, upstream string) error {
	_, err := s.feed.await(ctx, func() bool { return s.feed.seen[upstream] })
	return err
}

// catchUp forgets the forms that a person has closed.
func (s *Server) catchUp() {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	s.views.stack = slices.DeleteFunc(s.views.stack, func(v *view) bool { return !slices.Contains(s.feed.stack, v.upstream) })
}

func (s *Server) updateView(ctx context.Context, q *request) (obj, error) {
	raw, err := readView(q)
	if err != nil {
		return nil, err
	}
	s.views.mu.Lock()
	defer s.views.mu.Unlock()
	s.catchUp()
	i := slices.IndexFunc(s.views.all(), func(v *view) bool {
		id, external := q.str("view_id"), q.str("external_id")
		return id != "" && v.id == id || id == "" && external != "" && v.externalID == external
	})
	if i < 0 {
		return nil, refuse("not_found")
	}
	v := s.views.all()[i]
	if err := s.changes(q, v, raw); err != nil {
		return nil, err
	}
	if v.user != "" {
		return s.publish(ctx, v, raw)
	}
	raw = named(raw)
	answer, err := s.forward(ctx, "views.update", obj{"view_id": v.upstream, "view": raw})
	if err != nil {
		return nil, err
	}
	v.upstream, v.raw, v.hash, v.externalID = text(answer, "view", "id"), raw, newHash(), text(raw, "external_id")
	return obj{"view": s.shownAs(v, answer["view"])}, s.shows(ctx, v.upstream)
}

// changes says whether a call may change a view.
func (s *Server) changes(q *request, v *view, raw obj) error {
	if h := q.str("hash"); h != "" && h != v.hash {
		return refuse("hash_conflict")
	}
	if raw["type"] != v.raw["type"] {
		return &refusal{code: "invalid_arguments", messages: []string{"view: a view keeps its type"}}
	}
	return s.views.unique(raw, v)
}

func (s *Server) publishView(ctx context.Context, q *request) (obj, error) {
	raw, err := readView(q)
	if err != nil {
		return nil, err
	}
	user := q.str("user_id")
	switch {
	case raw["type"] != "home":
		return nil, &refusal{code: "invalid_arguments", messages: []string{"view: is no home tab"}}
	case !s.world.knows(user):
		return nil, refuse("user_not_found")
	}
	s.views.mu.Lock()
	defer s.views.mu.Unlock()
	if s.views.homes == nil {
		s.views.homes = map[string]*view{}
	}
	v := s.views.homes[user]
	if v == nil {
		v = &view{user: user, raw: raw}
	} else if err := s.changes(q, v, raw); err != nil {
		return nil, err
	}
	return s.publish(ctx, v, raw)
}

func (s *Server) publish(ctx context.Context, v *view, raw obj) (obj, error) {
	answer, err := s.forward(ctx, "views.publish", obj{"user_id": v.user, "view": named(raw)})
	if err != nil {
		return nil, err
	}
	v.upstream = text(answer, "view", "id")
	v.id = cmp.Or(v.id, v.upstream)
	v.raw, v.hash, v.root, v.externalID = raw, newHash(), v.id, text(raw, "external_id")
	s.views.homes[v.user] = v
	return obj{"view": s.shownAs(v, answer["view"])}, nil
}

// shownAs is local-slack's view as guichet knows it.
func (s *Server) shownAs(v *view, shown any) obj {
	m, _ := shown.(obj)
	m = maps.Clone(m)
	m["id"], m["hash"], m["root_view_id"] = v.id, v.hash, v.root
	m["previous_view_id"] = nil
	if v.previous != "" {
		m["previous_view_id"] = v.previous
	}
	m["app_installed_team_id"] = s.up.Config.Workspace.TeamID
	usual := obj{"callback_id": "", "private_metadata": "", "external_id": "", "clear_on_close": false, "notify_on_close": false}
	for name, usual := range usual {
		if m[name] == nil {
			m[name] = usual
		}
	}
	return m
}
