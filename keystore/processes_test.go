package keystore_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/internal/faultfs"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// machine is a few server processes that share a keystore file, and everything that they ever acknowledged.
type machine struct {
	*testing.T
	keks []*wrappers.KEK

	mu       sync.Mutex
	disk     *faultfs.Disk
	messages [][]byte // each was sealed by a process that was alive to hand it out
	stats    processStats
}

type processStats struct{ starts, kills, cuts, rotations, opened int }

func (n processStats) String() string {
	return fmt.Sprintf("%d starts, %d kills, %d power cuts, %d rotations, %d messages opened", n.starts, n.kills, n.cuts, n.rotations, n.opened)
}

const processes = 3

// processOptions are what all of them have in common. A reader that is up has looked at the file within two seconds.
var processOptions = keyring.Options{Cluster: "c", Region: "r", RefreshInterval: time.Second, Readers: processes, PayInterval: -1}

// server is one process, from its start to its end.
type server struct {
	*machine
	process *faultfs.Process
	ring    *keyring.Ring
	rand    *rand.Rand
	dead    bool // guarded by machine.mu
}

// TestProcesses has three processes seal, open and rotate for a minute, while one after another is killed and once the
// power is cut. No process that is up ever meets a key that it does not know, though Open does no I/O; and at the end
// every message that was ever acknowledged opens.
func TestProcesses(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &machine{T: t, keks: ringKEKs(t)[:1], disk: faultfs.NewDisk("/d")}
				m.create()
				m.run(rand.New(rand.NewPCG(seed, 0)), time.Now().Add(time.Minute))
				m.everythingOpens()
				t.Logf("%v; %d messages acknowledged", m.stats, len(m.messages))
				if m.stats.rotations < 5 || m.stats.kills < 20 || len(m.messages) < 1000 {
					t.Error("that was no load")
				}
			})
		})
	}
}

func (m *machine) create() {
	r, err := keyring.Create(m.Context(), keystore.NewFileFS("/d/ks", m.disk.Process()), m.keks, &processOptions)
	if err != nil {
		m.Fatal(err)
	}
	r.Close()
}

// run keeps three servers going until the end, and kills them.
func (m *machine) run(r *rand.Rand, end time.Time) {
	var up [processes]*server
	var all sync.WaitGroup
	start := func(i int) {
		up[i] = &server{machine: m, rand: rand.New(rand.NewPCG(r.Uint64(), 0)), process: m.disk.Process()}
		up[i].process.Watch(m.slow(r.Uint64()))
		m.stats.starts++
		all.Go(up[i].serve)
	}
	for i := range up {
		start(i)
	}
	for time.Now().Before(end) {
		time.Sleep(time.Duration(r.IntN(2000)) * time.Millisecond)
		if r.IntN(25) == 0 {
			for i := range up {
				m.kill(up[i])
			}
			m.cut(r)
			for i := range up {
				start(i)
			}
			continue
		}
		i := r.IntN(processes)
		m.kill(up[i])
		start(i)
	}
	for i := range up {
		m.kill(up[i])
	}
	all.Wait()
}

// slow has every call to the file system take up to 2 ms, so that kills and other processes come in between.
func (m *machine) slow(seed uint64) func(faultfs.Op) *faultfs.Fault {
	r := rand.New(rand.NewPCG(seed, 1))
	var mu sync.Mutex
	return func(faultfs.Op) *faultfs.Fault {
		mu.Lock()
		takes := time.Duration(r.IntN(2000)) * time.Microsecond
		mu.Unlock()
		time.Sleep(takes)
		return nil
	}
}

// kill ends a process. What it has acknowledged by now stays acknowledged.
func (m *machine) kill(s *server) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s.dead = true
	s.process.Kill()
	m.stats.kills++
}

// cut cuts the power, and has the disk come back in one of the ways in which it may.
func (m *machine) cut(r *rand.Rand) {
	m.mu.Lock()
	defer m.mu.Unlock()
	losses := m.disk.Losses()
	m.disk = m.disk.Reboot(losses[r.IntN(len(losses))])
	m.stats.cuts++
}

// serve is the life of a process.
func (s *server) serve() {
	o := processOptions
	var err error
	s.ring, err = keyring.Load(s.Context(), keystore.NewFileFS("/d/ks", s.process), s.keks, &o)
	if s.isDead() {
		return
	}
	if err != nil {
		s.Errorf("start: %v", err)
		return
	}
	defer s.ring.Close()
	var rotating sync.WaitGroup
	rotating.Go(s.rotate)
	defer rotating.Wait()
	for !s.isDead() {
		s.seal()
		s.open()
		time.Sleep(time.Duration(s.rand.IntN(20)) * time.Millisecond)
	}
}

func (s *server) isDead() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dead
}

// rotate makes one key after another. One at a time: in a bubble a second one would wait for the ring's mutex, and no
// time pass.
func (s *server) rotate() {
	for !s.isDead() {
		_, err := s.ring.Rotate(s.Context())
		s.mu.Lock()
		switch {
		case err == nil && !s.dead:
			s.stats.rotations++
		case err != nil && !s.dead && !errors.Is(err, keystore.ErrConflict):
			s.Errorf("rotate: %v", err)
		}
		s.mu.Unlock()
	}
}

// seal acknowledges a message, if the process is still alive to do so.
func (s *server) seal() {
	msg, err := s.ring.Seal(nil, []byte("x"), ringPlace)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dead {
		return
	}
	if err != nil {
		s.Errorf("seal: %v", err)
		return
	}
	s.messages = append(s.messages, msg)
}

// open opens one of the newest messages, whoever sealed it, and any other.
func (s *server) open() {
	s.mu.Lock()
	n := len(s.messages)
	var some [][]byte
	if n > 0 {
		some = [][]byte{s.messages[n-1-s.rand.IntN(min(n, 10))], s.messages[s.rand.IntN(n)]}
	}
	s.mu.Unlock()
	for _, msg := range some {
		_, err := s.ring.Open(nil, msg, ringPlace)
		s.mu.Lock()
		if err != nil && !s.dead {
			s.Errorf("open: %v", err)
		}
		s.stats.opened++
		s.mu.Unlock()
	}
}

// everythingOpens opens all that was ever acknowledged, in a process that has just started.
func (m *machine) everythingOpens() {
	r, err := loadRing(m.disk.Process(), m.keks)
	if err != nil {
		m.Fatal(err)
	}
	defer r.Close()
	for i, msg := range m.messages {
		if _, err := r.Open(nil, msg, ringPlace); err != nil {
			m.Fatalf("message %d of %d: %v", i, len(m.messages), err)
		}
	}
}
