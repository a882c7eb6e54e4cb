# guichet's everyday commands. "make" alone lists them.

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

.PHONY: help
help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

.PHONY: build
build: need-go ## build bin/guichet, one static program
	@[ -e bin/guichet ] || echo "Building guichet. The first time this takes some minutes."
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '-X main.version=$(VERSION)' -o bin/guichet ./cmd/guichet

# What the tests run against (PostgreSQL, a local Slack, Chromium) is found or
# installed on the way. The race detector needs a C compiler. It is on, but within SQLite, which is translated from C and keeps its
# data in memory of its own: what the detector does not watch, and would take half of all time to ask about. By the environment, so
# that tests build programs likewise.
UNWATCHED := $(foreach package,sqlite/lib libc/... memory,-gcflags=modernc.org/$(package)=-race=false) -gcflags=modernc.org/sqlite=-d=checkptr=0
RACE := env GOFLAGS="$$GOFLAGS $(UNWATCHED)" go test -race

.PHONY: test
test: need-go need-gcc need-npm ## run all tests; installs what they need, where it can
	GUICHET_TEST_CHROMIUM="$$(scripts/need-chromium)" && export GUICHET_TEST_CHROMIUM && \
	go run ./internal/pgtest/with -- $(RACE) -timeout 15m -parallel 4 ./...

# What a fuzz test finds stays below testdata/fuzz, with a choice of inputs that each led somewhere new; every run
# of the tests tries them all again.
.PHONY: fuzz
fuzz: need-go ## look for inputs that break a parser: FUZZ=10s for each, or FUZZ=100x for so many
	@for package in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
		for test in $$(grep -h '^func Fuzz' $$package/*_test.go | sed 's/func \(Fuzz[A-Za-z]*\).*/\1/'); do \
			go test -run '^$$' -fuzz "^$$test$$" -fuzztime $(or $(FUZZ),10s) $$package || exit 1; \
		done; \
	done

# Each round prints its seed; GUICHET_SEED repeats one.
.PHONY: soak
soak: need-go need-gcc need-npm ## kill the program at random moments of conversations, for SOAK=10m
	GUICHET_SOAK=$(or $(SOAK),10m) go run ./internal/pgtest/with -- \
	$(RACE) -v -count=1 -timeout 24h -run TestKilled ./cmd/guichet

# What the figures mean: BENCHMARKS.md. The less else the machine does, the steadier they are.
.PHONY: bench
bench: need-linux need-npm build ## measure speed against the targets, up to 15 minutes; BENCH=-quick takes three
	@npm ci --prefix bench/bolt --no-audit --no-fund --silent
	@go build -o bin/bench ./bench
	@go run ./internal/pgtest/with -durable -- bin/bench $(BENCH)

# With Debian's fonts-lato, fonts-noto-core and fonts-noto-color-emoji they look like Slack.
.PHONY: pictures
pictures: need-go need-npm ## take the README's pictures again
	GUICHET_TEST_CHROMIUM="$$(scripts/need-chromium)" && export GUICHET_TEST_CHROMIUM && mkdir -p docs/images && \
	GUICHET_SCREENSHOTS=docs/images go test -count=1 -run InTheBrowser ./cmd/guichet/app

# By version and not as a tool in go.mod, whose module graph it would enlarge.
STATICCHECK := v0.8.2

.PHONY: lint
lint: need-go ## check format, go vet, staticcheck
	@unformatted="$$(find . -name '*.go' -not -path './.*' -exec gofmt -l {} +)"; \
	if [ -n "$$unformatted" ]; then echo "run gofmt -w on:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	go run honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK) ./...

# Programs and not "go run", which would not end with make.
.PHONY: demo
demo: need-linux need-npm build bin/demo ## try guichet in a local Slack, nothing to sign up for
	@bin/demo

.PHONY: demo-reset
demo-reset: need-linux bin/demo ## forget what the demo stored
	@bin/demo reset

.PHONY: bin/demo
bin/demo: need-go
	@CGO_ENABLED=0 go build -o $@ ./internal/demo

.PHONY: need-linux
need-linux:
	@[ "$$(uname -s)" = Linux ] || { echo "the demo runs on Linux only: use a virtual machine, a container or WSL" >&2; exit 1; }

# need-TOOL stops with a message when TOOL is missing.
hint-go  := Go 1.26 or newer (https://go.dev/doc/install)
hint-gcc := a C compiler, for the race detector (Debian: sudo apt-get install gcc libc6-dev)
hint-npm := npm, to install a local Slack (Debian: sudo apt-get install npm)

.PHONY: need-go need-gcc need-npm
need-go need-gcc need-npm: need-%:
	@command -v $* >/dev/null || { echo "$* is missing: install $(hint-$*)" >&2; exit 1; }
