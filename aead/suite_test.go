package aead

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

var suites = []Suite{XAES256GCM, AES256GCM}

func TestSuiteNames(t *testing.T) {
	for suite, want := range map[Suite]string{1: "XAES-256-GCM", 2: "AES-256-GCM", 0: "Suite(0)", 128: "Suite(128)"} {
		if got := suite.String(); got != want {
			t.Errorf("suite %d is called %q, want %q", uint8(suite), got, want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []struct {
		suite Suite
		key   int
		want  string
	}{
		{0, 32, "aead: unknown suite 0"},
		{3, 32, "aead: unknown suite 3"},
		{XAES256GCM, 0, "aead: key for XAES-256-GCM has 0 bytes, want 32"},
		{XAES256GCM, 31, "aead: key for XAES-256-GCM has 31 bytes, want 32"},
		{AES256GCM, 16, "aead: key for AES-256-GCM has 16 bytes, want 32"},
		{AES256GCM, 33, "aead: key for AES-256-GCM has 33 bytes, want 32"},
	} {
		a, err := New(c.suite, make([]byte, c.key), nil)
		if a != nil || err == nil || err.Error() != c.want {
			t.Errorf("New(%d, %d bytes) = %v, %v, want nil, %s", c.suite, c.key, a, err, c.want)
		}
	}
}

// TestNewKeepsNothing: the caller may clear the key and reuse the prefix.
func TestNewKeepsNothing(t *testing.T) {
	for _, suite := range suites {
		key, prefix := bytes.Repeat([]byte{7}, KeySize), []byte("prefix")
		opener := mustNew(t, suite, bytes.Clone(key), bytes.Clone(prefix))
		a := mustNew(t, suite, key, prefix)
		clear(key)
		clear(prefix)
		if got, err := opener.Open(nil, a.Seal(nil, []byte("text"), nil), nil); err != nil || string(got) != "text" {
			t.Errorf("%v: Open = %q, %v after the arguments of New were cleared", suite, got, err)
		}
	}
}

func TestOverhead(t *testing.T) {
	for _, c := range []struct {
		suite        Suite
		prefix, want int
	}{{XAES256GCM, 0, 40}, {XAES256GCM, 17, 57}, {AES256GCM, 0, 28}, {AES256GCM, 17, 45}} {
		a := mustNew(t, c.suite, make([]byte, KeySize), make([]byte, c.prefix))
		if got, grown := a.Overhead(), len(a.Seal(nil, make([]byte, 9), nil))-9; got != c.want || grown != c.want {
			t.Errorf("%v, prefix of %d: Overhead() = %d, messages grow by %d, want %d", c.suite, c.prefix, got, grown, c.want)
		}
	}
}

func TestZeroAEAD(t *testing.T) {
	var a AEAD
	if _, err := a.Open(nil, make([]byte, 100), nil); err != ErrOpen {
		t.Errorf("Open of the zero AEAD = %v, want ErrOpen", err)
	}
	defer func() {
		if recover() == nil {
			t.Error("Seal of the zero AEAD did not panic")
		}
	}()
	a.Seal(nil, nil, nil)
}

func TestNothingPrintsTheKey(t *testing.T) {
	for _, suite := range suites {
		key := bytes.Repeat([]byte{0xa7}, KeySize)
		a := mustNew(t, suite, key, nil)
		a.Seal(nil, nil, nil)
		inner := struct{ hidden *AEAD }{a}
		var out string
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			out += fmt.Sprintf(verb+"\n"+verb+"\n"+verb+"\n", a, inner, &inner)
		}
		if want := fmt.Sprintf("[%v key]", suite); !strings.HasPrefix(out, want) {
			t.Errorf("%%v prints %.40q, want %s", out, want)
		}
		for _, secret := range secrets(a, key) {
			for _, spelling := range []string{hex.EncodeToString(secret), strings.ToUpper(hex.EncodeToString(secret)), strings.Trim(fmt.Sprint(secret), "[]"), string(secret)} {
				if strings.Contains(out, spelling) {
					t.Errorf("%v: output shows secret bytes as %q", suite, spelling)
				}
			}
		}
	}
}

// secrets returns pieces of what a holds: the key itself and the mask derived from it.
func secrets(a *AEAD, key []byte) [][]byte {
	if a.kdf == nil {
		return [][]byte{key[:8]}
	}
	return [][]byte{key[:8], a.kdf.k1[:8]}
}
