package source

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/durable"
)

var errKilled = errors.New("process was killed")

// machine is a folder in which things happen before a certain call: a process is killed there, and all its calls fail from
// then on, or somebody else writes.
type machine struct {
	calls int
	kill  int            // before which call; none if it is negative
	do    map[int]func() // before which call

	noExchange bool // the file system has none
}

// step is called before each call, and returns what it fails with.
func (m *machine) step() error {
	if m.kill >= 0 && m.calls >= m.kill {
		return errKilled
	}
	if f := m.do[m.calls]; f != nil {
		f()
	}
	m.calls++
	return nil
}

func (m *machine) folder(r durable.Root) folder { return machineFolder{r, m} }

type machineFolder struct {
	durable.Root
	m *machine
}

func (f machineFolder) Open(name string) (durable.File, error) {
	if err := f.m.step(); err != nil {
		return nil, err
	}
	file, err := f.Root.Open(name)
	return machineFile{file, f.m}, err
}

func (f machineFolder) Create(name string, mode fs.FileMode) (durable.File, error) {
	if err := f.m.step(); err != nil {
		return nil, err
	}
	file, err := f.Root.Create(name, mode)
	return machineFile{file, f.m}, err
}

func (f machineFolder) Rename(a, b string) error {
	return inOrder(f.m.step, func() error { return f.Root.Rename(a, b) })
}
func (f machineFolder) Exchange(a, b string) error {
	if f.m.noExchange {
		return fmt.Errorf("%w: invalid argument", durable.ErrNoExchange)
	}
	return inOrder(f.m.step, func() error { return f.Root.Exchange(a, b) })
}
func (f machineFolder) Remove(name string) error {
	return inOrder(f.m.step, func() error { return f.Root.Remove(name) })
}
func (f machineFolder) SyncDir(name string) error {
	return inOrder(f.m.step, func() error { return f.Root.SyncDir(name) })
}

type machineFile struct {
	durable.File
	m *machine
}

func (f machineFile) Write(b []byte) (int, error) {
	if err := f.m.step(); err != nil {
		return 0, err
	}
	return f.File.Write(b)
}

func (f machineFile) Sync() error { return inOrder(f.m.step, f.File.Sync) }

// inOrder calls one after the other until one fails.
func inOrder(calls ...func() error) error {
	for _, call := range calls {
		if err := call(); err != nil {
			return err
		}
	}
	return nil
}

// A subject is a kind of source with two messages in the files of a folder.
type subject struct {
	name   string
	write  func(t *testing.T, dir string, messages [2]string)
	read   func(t *testing.T, dir string) [2]string
	source func(dir string, m *machine) Source
}

const (
	before = "\x01 before"
	after  = "\x01 after, and longer"
)

var subjects = []subject{
	{
		name: "Dir",
		write: func(t *testing.T, dir string, messages [2]string) {
			for i, m := range messages {
				put(t, filepath.Join(dir, "ns", fmt.Sprint(i)), string(encoding{true, "\n"}.append(nil, []byte(m))))
			}
		},
		read: func(t *testing.T, dir string) (messages [2]string) {
			for i := range messages {
				msg, _, err := decode([]byte(get(t, filepath.Join(dir, "ns", fmt.Sprint(i)))))
				if err != nil {
					t.Error(err)
				}
				messages[i] = string(msg)
			}
			return messages
		},
		source: func(dir string, m *machine) Source {
			d := Dir(dir, "r", nil)
			d.open = m.folder
			return d
		},
	},
	{
		name: "JSONL",
		write: func(t *testing.T, dir string, messages [2]string) {
			var b strings.Builder
			for i, m := range messages {
				fmt.Fprintf(&b, "{\"path\":\"%d\",\"namespace\":\"ns\", \"sealed\":\"%s\" }\n", i, encoding{text: true}.append(nil, []byte(m)))
			}
			put(t, filepath.Join(dir, "f.jsonl"), b.String())
		},
		read: func(t *testing.T, dir string) (messages [2]string) {
			for i, b := range strings.SplitAfter(get(t, filepath.Join(dir, "f.jsonl")), "\n")[:2] {
				l, err := parseLine([]byte(b))
				if err != nil || l.path != fmt.Sprint(i) {
					t.Errorf("line %q: %v", b, err)
				}
				messages[i] = string(l.sealed)
			}
			return messages
		},
		source: func(dir string, m *machine) Source {
			l := JSONL(filepath.Join(dir, "f.jsonl"), "r", nil)
			l.open = m.folder
			return l
		},
	},
}

// put writes a file as a program does that loses nothing: beside it, and then by a rename.
func put(t *testing.T, path, content string) {
	t.Helper()
	temp := filepath.Join(t.TempDir(), "temp")
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(temp, []byte(content), 0o640), os.Rename(temp, path)); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// rekey replaces what is before by what is after, on a machine, until something fails, and ends the process.
func (s *subject) rekey(t *testing.T, dir string, m *machine) error {
	t.Helper()
	src := s.source(dir, m)
	defer func() {
		if err := src.Close(); err != nil && !errors.Is(err, errKilled) {
			t.Error(err)
		}
	}()
	for r, err := range src.Records(t.Context(), "") {
		if err != nil || r.Err != nil {
			t.Fatalf("%s: %v, %v", r.Where, err, r.Err)
		}
		if !bytes.Equal(r.Sealed, []byte(before)) {
			continue
		}
		if err := src.Replace(t.Context(), r, []byte(after)); err != nil && !errors.Is(err, ErrChanged) {
			return err
		}
	}
	return src.Flush(t.Context())
}

// count returns how many calls a rekey makes that nothing happens to.
func (s *subject) count(t *testing.T, noExchange bool) int {
	m := &machine{kill: -1, noExchange: noExchange}
	dir := t.TempDir()
	s.write(t, dir, [2]string{before, before})
	if err := s.rekey(t, dir, m); err != nil {
		t.Fatal(err)
	}
	return m.calls
}

// wantNoLeftovers fails if there is anything of a rekey in dir but lock files.
func wantNoLeftovers(t *testing.T, dir string) {
	t.Helper()
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if strings.Contains(path, swapMark) || strings.Contains(path, stageMark+".tmp-") {
			t.Errorf("%s was left behind", path)
		}
		return err
	})
}

// TestKilledAtEveryCall kills a rekey before each of its calls. Each message is the old or the new one then, and the next
// rekey does the rest and leaves nothing behind. So it is where files cannot be exchanged.
func TestKilledAtEveryCall(t *testing.T) {
	for _, s := range subjects {
		for _, noExchange := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, no exchange %v", s.name, noExchange), func(t *testing.T) {
				n := s.count(t, noExchange)
				t.Logf("killed before each of %d calls", n)
				for kill := range n {
					s.killed(t, &machine{kill: kill, noExchange: noExchange})
				}
			})
		}
	}
}

func (s *subject) killed(t *testing.T, m *machine) {
	dir := t.TempDir()
	s.write(t, dir, [2]string{before, before})
	if err := s.rekey(t, dir, m); !errors.Is(err, errKilled) {
		t.Fatalf("killed before call %d: %v", m.kill, err)
	}
	for i, got := range s.read(t, dir) {
		if got != before && got != after {
			t.Errorf("killed before call %d: message %d is %q", m.kill, i, got)
		}
	}
	if err := s.rekey(t, dir, &machine{kill: -1, noExchange: m.noExchange}); err != nil {
		t.Errorf("after a kill before call %d: %v", m.kill, err)
	}
	if got := s.read(t, dir); got != [2]string{after, after} {
		t.Errorf("after a kill before call %d and another rekey: %q", m.kill, got)
	}
	wantNoLeftovers(t, dir)
}

// TestWithoutExchange has somebody write just before the last look.
func TestWithoutExchange(t *testing.T) {
	for _, s := range subjects {
		dir := t.TempDir()
		s.write(t, dir, [2]string{before, before})
		theirs := [2]string{"\x01 theirs", "\x01 theirs"}
		write := func() { s.write(t, dir, theirs) }
		if err := s.rekey(t, dir, &machine{kill: -1, noExchange: true, do: map[int]func(){4: write}}); err != nil && !errors.Is(err, ErrChanged) {
			t.Errorf("%s: %v", s.name, err)
		}
		if got := s.read(t, dir); got != theirs {
			t.Errorf("%s: got %q", s.name, got)
		}
		wantNoLeftovers(t, dir)
	}
}

// TestWritersAtEveryCall has somebody write once, before each call, and again before each later one: the last that was
// written stays, and whatever else is as it was or new.
func TestWritersAtEveryCall(t *testing.T) {
	for _, s := range subjects {
		t.Run(s.name, func(t *testing.T) {
			n, tried := s.count(t, false)+12, 0 // what is given back takes more calls
			for first := range n {
				for second := first; second < n; second++ {
					dir := t.TempDir()
					s.write(t, dir, [2]string{before, before})
					last := ""
					write := func(what string) func() {
						return func() { last = what; s.write(t, dir, [2]string{what, what}) }
					}
					m := &machine{kill: -1, do: map[int]func(){first: write("\x01 theirs"), second: write("\x01 theirs again")}}
					if err := s.rekey(t, dir, m); err != nil && !errors.Is(err, ErrChanged) {
						t.Fatalf("%d, %d: %v", first, second, err)
					}
					tried++
					if got := s.read(t, dir); last != "" && got != [2]string{last, last} {
						t.Fatalf("somebody wrote before call %d and %d, last %q: got %q", first, second, last, got)
					}
					wantNoLeftovers(t, dir)
				}
			}
			t.Logf("%d pairs of moments", tried)
		})
	}
}

// TestWriterAndKill has somebody write before each call, and the rekey killed before each later one. After the next rekey,
// which mends what the killed one left, there is what was written.
func TestWriterAndKill(t *testing.T) {
	for _, s := range subjects {
		t.Run(s.name, func(t *testing.T) {
			n, tried := s.count(t, false)+6, 0
			for at := range n {
				for kill := at + 1; kill <= n; kill++ {
					dir := t.TempDir()
					s.write(t, dir, [2]string{before, before})
					const theirs = "\x01 theirs"
					wrote := false
					m := &machine{kill: kill, do: map[int]func(){at: func() { wrote = true; s.write(t, dir, [2]string{theirs, theirs}) }}}
					if err := s.rekey(t, dir, m); err != nil && !errors.Is(err, ErrChanged) && !errors.Is(err, errKilled) {
						t.Fatalf("written before call %d, killed before %d: %v", at, kill, err)
					}
					tried++
					if err := s.mend(t, dir); err != nil {
						t.Fatalf("written before call %d, killed before %d: then %v", at, kill, err)
					}
					if got := s.read(t, dir); wrote && got != [2]string{theirs, theirs} {
						t.Fatalf("written before call %d, killed before %d: got %q", at, kill, got)
					}
					wantNoLeftovers(t, dir)
				}
			}
			t.Logf("%d moments and kills", tried)
		})
	}
}

// mend is a rekey to which a message has come that it has to replace: so it takes the lock and looks at what was left.
func (s *subject) mend(t *testing.T, dir string) error {
	t.Helper()
	src := s.source(dir, &machine{kill: -1})
	defer src.Close()
	var last Record
	for r, err := range src.Records(t.Context(), "") {
		if err != nil || r.Err != nil {
			t.Fatalf("%s: %v, %v", r.Where, err, r.Err)
		}
		last = r
	}
	last.Sealed = []byte("\x01 nobody has ever written this")
	if err := src.Replace(t.Context(), last, []byte(after)); !errors.Is(err, ErrChanged) {
		return err
	}
	return src.Flush(t.Context())
}
