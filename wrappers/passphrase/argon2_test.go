package passphrase

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

func TestCostsAreBoundedBeforeUse(t *testing.T) {
	w := newTest(t, good)
	for _, c := range []struct {
		costs costs
		want  string
	}{
		{costs{64, 1, 1}, ""},
		{costs{1024, 2, 16}, ""},
		{costs{204, 10, 16}, ""},
		{costs{1024, 3, 16}, "Argon2id with 1024 MiB and time 3, whose product must be at most 2048"},
		{costs{205, 10, 16}, "Argon2id with 205 MiB and time 10, whose product must be at most 2048"},
		{costs{63, 1, 1}, "Argon2id with 63 MiB, want 64 to 1024"},
		{costs{1025, 1, 1}, "Argon2id with 1025 MiB, want 64 to 1024"},
		{costs{64, 0, 1}, "Argon2id with time 0, want 1 to 10"},
		{costs{64, 11, 1}, "Argon2id with time 11, want 1 to 10"},
		{costs{64, 1, 0}, "Argon2id with 0 threads, want 1 to 16"},
		{costs{64, 1, 17}, "Argon2id with 17 threads, want 1 to 16"},
	} {
		got := ""
		if err := w.CheckCiphertext(minimal(c.costs)); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%v: got %q, want %q", c.costs, got, c.want)
		}
	}
}

func TestOptions(t *testing.T) {
	for _, c := range []struct {
		o    *Options
		want costs
		err  string
	}{
		{nil, costs{64, 3, 4}, ""},
		{&Options{}, costs{64, 3, 4}, ""},
		{&Options{MemoryMiB: 256, Time: 1, Threads: 2}, costs{256, 1, 2}, ""},
		{&Options{MemoryMiB: 1024}, costs{}, "passphrase: Argon2id with 1024 MiB and time 3, whose product must be at most 2048"},
		{&Options{MemoryMiB: 2048}, costs{2048, 3, 4}, "passphrase: Argon2id with 2048 MiB, want 64 to 1024"},
		{&Options{Time: -1}, costs{}, "passphrase: Argon2id with time -1, want 1 to 10"},
	} {
		got := ""
		w, err := New([]byte(good), c.o)
		if err != nil {
			got = err.Error()
		}
		if got != c.err || err == nil && w.costs != c.want {
			t.Errorf("%+v: got %q, want %q and %v", c.o, got, c.err, c.want)
		}
	}
}

func TestHeaderRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		salt := rapid.SliceOfN(rapid.Byte(), saltSize, saltSize).Draw(t, "salt")
		c := costs{rapid.IntRange(0, 1<<16-1).Draw(t, "memory"), rapid.IntRange(0, 255).Draw(t, "time"), rapid.IntRange(0, 255).Draw(t, "threads")}
		h := header(appendHeader(nil, salt, c))
		if len(h) != headerSize || !bytes.Equal(h.salt(), salt) || h.costs() != c {
			t.Fatalf("got %x, want salt %x and %v", []byte(h), salt, c)
		}
	})
}

func FuzzCheckCiphertext(f *testing.F) {
	f.Add(minimal(costs{64, 3, 4}))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, blob []byte) {
		w := &Wrapper{}
		if w.CheckCiphertext(blob) == nil && header(blob[:headerSize]).costs().check() != nil {
			t.Error("accepted costs out of bounds")
		}
	})
}

func BenchmarkDefaultCosts(b *testing.B) {
	w, err := New([]byte(good), nil)
	if err != nil {
		b.Fatal(err)
	}
	head := header(appendHeader(nil, make([]byte, saltSize), w.costs))
	for b.Loop() {
		w.keys = keyCache{}
		if _, err := w.keys.get(w.pass, head); err != nil {
			b.Fatal(err)
		}
	}
}
