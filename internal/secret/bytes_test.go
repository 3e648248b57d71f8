package secret

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// holder has the secret in both kinds of field: fmt treats them differently.
type holder struct {
	Public  Bytes
	private Bytes
}

func TestNothingPrintsTheBytes(t *testing.T) {
	raw := []byte("correct horse")
	s := Copy(raw)
	h := holder{s, s}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", s, "in a struct", h, "behind a pointer", &h)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", s, "in a struct", h, "behind a pointer", &h)
	js, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	out := log.String() + string(js) + fmt.Errorf("with %v: %w", s, errors.New("cause")).Error()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b", "%c", "%U"} {
		for _, v := range []any{s, &s, h, &h, []Bytes{s}, map[string]holder{"k": h}} {
			out += fmt.Sprintf(verb+"\n", v)
		}
	}
	decimal := strings.Trim(fmt.Sprint(raw), "[]")
	for _, leak := range []string{string(raw), hex.EncodeToString(raw), strings.ToUpper(hex.EncodeToString(raw)), decimal, "Y29ycmVjdCBob3JzZ"} {
		if strings.Contains(out, leak) {
			t.Errorf("output shows the secret as %q", leak)
		}
	}
}

func TestClearReachesEveryCopy(t *testing.T) {
	raw := []byte{1, 2, 3}
	s := New(raw)
	other := s
	s.Clear()
	if other.Len() != 0 || !bytes.Equal(raw, []byte{0, 0, 0}) {
		t.Errorf("after Clear: copy has %d bytes, backing array %v; want 0 and zeros", other.Len(), raw)
	}
	s.Clear()
	Bytes{}.Clear()
}

func TestEqual(t *testing.T) {
	for _, c := range []struct {
		a, b Bytes
		want bool
	}{
		{Bytes{}, Bytes{}, true},
		{Bytes{}, New(nil), true},
		{New([]byte{1}), New([]byte{1}), true},
		{New([]byte{1}), New([]byte{2}), false},
		{New([]byte{1}), New([]byte{1, 2}), false},
	} {
		if got := c.a.Equal(c.b); got != c.want {
			t.Errorf("Equal(%v, %v) = %v, want %v", c.a.Expose(), c.b.Expose(), got, c.want)
		}
	}
}

func TestCopyIsItsOwn(t *testing.T) {
	raw := []byte{1}
	s := Copy(raw)
	raw[0] = 9
	if s.Expose()[0] != 1 {
		t.Error("Copy shares the caller's slice")
	}
}
