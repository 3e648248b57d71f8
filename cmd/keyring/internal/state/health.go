package state

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/sealwax/sealwax/internal/durable"
	"github.com/sealwax/sealwax/wrappers"
)

// HealthFile is where one command leaves for the next what it learned about the KEKs of a keystore, so that one which
// is down is not asked first by each of them. It stands beside the [File] of the same keystore and has the same mode:
//
//	sealwax-health/1
//	aead.local latency 51µs answered 2026-11-22T03:00:00Z
//	transit.eu latency 23ms answered 2026-11-22T02:00:00Z failures 3 since 2026-11-22T02:59:30Z rests 2026-11-22T03:00:00Z
//
// It is advice. It may be lost, damaged or of another time: then a command asks in the order of the config, and that is
// all. So it takes no lock either; of two commands that end together, one may be forgotten.
type HealthFile struct{ path string }

// Healths are KEKs' by their IDs.
type Healths map[string]wrappers.Health

// OpenHealth returns the file in dir for the keystore at a path. It does no I/O.
func OpenHealth(dir, keystorePath string) (*HealthFile, error) {
	path, _, err := pathIn(dir, keystorePath, ".health")
	return &HealthFile{path}, err
}

// Path returns the path of the file.
func (f *HealthFile) Path() string { return f.path }

// Load returns what was left, nothing if that cannot be read: the error is for a log.
func (f *HealthFile) Load() (Healths, error) {
	data, err := read(f.path, maxHealthSize)
	if errors.Is(err, fs.ErrNotExist) {
		return Healths{}, nil
	}
	if err != nil {
		return Healths{}, fmt.Errorf("state: %w", err)
	}
	all, err := parseHealths(data)
	if err != nil {
		return Healths{}, fmt.Errorf("state: %s: %w", f.path, err)
	}
	return all, nil
}

// Save leaves what a command learned that found before in the file and knows after now. KEKs that are not in after are
// forgotten; those about which it learned nothing are left as another command has put them meanwhile. Nothing is written
// when it would make no difference.
func (f *HealthFile) Save(before, after Healths) error {
	there, _ := f.Load() // what cannot be read is replaced
	next := maps.Clone(after)
	for id := range next {
		if now, ok := there[id]; ok && after[id] == before[id] {
			next[id] = now
		}
	}
	maps.DeleteFunc(next, func(_ string, h wrappers.Health) bool { return h == wrappers.Health{} })
	if !differ(there, next) {
		return nil
	}
	data := formatHealths(next)
	if len(data) > maxHealthSize {
		return fmt.Errorf("state: the health of %d KEKs takes more than %d bytes", len(next), maxHealthSize)
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	if err := durable.WriteFile(f.path, data, 0o600); err != nil {
		return fmt.Errorf("state: remember the health of KEKs: %w", err)
	}
	return nil
}

// differ reports whether it could make a difference for the next command to read next instead of there.
func differ(there, next Healths) bool {
	if len(there) != len(next) {
		return true
	}
	for id, n := range next {
		t, ok := there[id]
		if !ok || rounded(t.Rests) != rounded(n.Rests) || (t.Failures > 0) != (n.Failures > 0) {
			return true
		}
		if off := (n.Latency - t.Latency).Abs(); off > max(t.Latency/4, 10*time.Millisecond) || n.Answered.Sub(t.Answered).Abs() > keepsFor {
			return true
		}
	}
	return false
}
