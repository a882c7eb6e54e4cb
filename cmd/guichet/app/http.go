package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"guichet/bot"
	"guichet/bot/mail"
	"guichet/store"
)

// handler answers platforms that call, and what a supervisor asks: is it alive, can it serve, how is
// it doing.
func (a *App) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("ok\n"))
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if why := a.unready(r.Context()); why != "" {
			http.Error(w, why, http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ready\n"))
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.metrics.registry, promhttp.HandlerOpts{ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelWarn)}))
	if a.mail != nil && a.config.Link != "" {
		mux.Handle("GET "+mail.ConfirmPath, a.mail)
		mux.Handle("POST "+mail.ConfirmPath, a.mail)
	}
	mux.HandleFunc("GET "+bot.TermsPath+"{hash}", a.terms)
	for path, door := range a.calls {
		mux.Handle("POST "+path, door)
	}
	return mux
}

// terms shows a text of terms, byte by byte as it is known by its hash.
func (a *App) terms(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	text, err := a.licenses.Text(ctx, r.PathValue("hash"))
	switch {
	case errors.Is(err, store.ErrNotFound):
		http.NotFound(w, r)
	case err != nil:
		a.log.Error("terms not shown", "error", err)
		http.Error(w, "please try again later", http.StatusServiceUnavailable)
	default:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write([]byte(text))
	}
}

// unready says in a few words why guichet can't serve now, empty when it can.
func (a *App) unready(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if a.db.Ping(ctx) != nil {
		return "the database does not answer"
	}
	for _, d := range a.doors {
		if !d.Connected() {
			return "not connected to " + d.Workspace()
		}
	}
	return ""
}

// metrics are what /metrics shows.
type metrics struct {
	registry   *prometheus.Registry
	handling   *prometheus.HistogramVec
	errors     *prometheus.CounterVec
	deliveries *prometheus.CounterVec
}

func newMetrics(db *store.DB, log *slog.Logger) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		handling: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "guichet_handler_seconds",
			Help: "Time from a request to its answer, by kind of request.", Buckets: prometheus.ExponentialBuckets(0.001, 2.5, 9)}, []string{"kind"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "guichet_handler_errors_total",
			Help: "Requests that failed by a fault of ours, by kind of request."}, []string{"kind"}),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "guichet_deliveries_total",
			Help: "Attempts to deliver, by outcome."}, []string{"outcome"}),
	}
	m.registry.MustRegister(m.handling, m.errors, m.deliveries, &backlog{db, log},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) handled(kind string, took time.Duration, err error) {
	m.handling.WithLabelValues(kind).Observe(took.Seconds())
	if err != nil {
		m.errors.WithLabelValues(kind).Inc()
	}
}

func (m *metrics) delivered(outcome string) { m.deliveries.WithLabelValues(outcome).Inc() }

// backlog reads the outbox whenever the metrics are asked for.
type backlog struct {
	db  *store.DB
	log *slog.Logger
}

var (
	outboxRows   = prometheus.NewDesc("guichet_outbox_deliveries", "Deliveries not made yet, by state.", []string{"state"}, nil)
	outboxFailed = prometheus.NewDesc("guichet_outbox_failures", "Deliveries that failed, by state and by the reason of the last failure.",
		[]string{"state", "reason"}, nil)
	outboxOldest = prometheus.NewDesc("guichet_outbox_oldest_seconds", "Age of the oldest delivery not made yet.", nil, nil)
)

func (b *backlog) Describe(ch chan<- *prometheus.Desc) {
	ch <- outboxRows
	ch <- outboxFailed
	ch <- outboxOldest
}

func (b *backlog) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	var got store.Backlog
	err := b.db.Read(ctx, func(tx *store.Tx) (err error) {
		got, err = tx.Backlog(ctx)
		return err
	})
	if err != nil {
		b.log.Error("outbox not counted", "error", err)
		ch <- prometheus.NewInvalidMetric(outboxRows, err)
		return
	}
	for state, n := range map[string]int{"waiting": got.Waiting - got.Failing, "failing": got.Failing, "parked": got.Parked} {
		ch <- prometheus.MustNewConstMetric(outboxRows, prometheus.GaugeValue, float64(n), state)
	}
	for _, r := range got.Reasons {
		state := "failing"
		if r.Parked {
			state = "parked"
		}
		ch <- prometheus.MustNewConstMetric(outboxFailed, prometheus.GaugeValue, float64(r.N), state, r.Reason)
	}
	ch <- prometheus.MustNewConstMetric(outboxOldest, prometheus.GaugeValue, got.Oldest.Seconds())
}
