package keyring_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
)

// logged is what a ring logged.
type logged struct {
	mu    sync.Mutex
	bytes bytes.Buffer
}

func (l *logged) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bytes.Write(line)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bytes.String()
}

// count returns how many lines have all of texts.
func (l *logged) count(texts ...string) int {
	n := 0
	for line := range strings.Lines(l.String()) {
		all := true
		for _, text := range texts {
			all = all && strings.Contains(line, text)
		}
		if all {
			n++
		}
	}
	return n
}
