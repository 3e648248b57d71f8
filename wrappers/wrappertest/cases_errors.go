package wrappertest

import (
	"fmt"
	"slices"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"
	"google.golang.org/protobuf/proto"
)

// errorsShowNothing asks the wrapper itself. A KEK withholds a text that repeats the plaintext, and with it why the call
// failed; and it cannot know a plaintext that did not come out.
func errorsShowNothing(s *suite) {
	w, plaintext := s.h.New(s.T), s.plaintext(32)
	s.kekOver(w) // which closes it
	encrypt := func(what string) *wrapping.BlobInfo {
		info, err := w.Encrypt(s.Context(), slices.Clone(plaintext), wrapping.WithAad(aad))
		s.wantChainWithoutSecret(err, what)
		return info
	}
	decrypt := func(info *wrapping.BlobInfo, context []byte, what string) {
		_, err := w.Decrypt(s.Context(), clone(info), wrapping.WithAad(context))
		s.wantChainWithoutSecret(err, what)
	}
	info := encrypt("Encrypt")
	if len(info.GetCiphertext()) == 0 {
		s.Fatal("Encrypt returned no ciphertext")
	}
	decrypt(info, nil, "Decrypt without the context")
	for _, i := range []int{0, len(info.Ciphertext) / 2, len(info.Ciphertext) - 1} {
		damaged := clone(info)
		damaged.Ciphertext[i] ^= 1
		decrypt(damaged, aad, "Decrypt of a damaged blob")
	}
	s.disturbed(func(what string) {
		encrypt("Encrypt " + what)
		decrypt(info, aad, "Decrypt "+what)
	})
}

func clone(info *wrapping.BlobInfo) *wrapping.BlobInfo { return proto.Clone(info).(*wrapping.BlobInfo) }

// disturbed calls f in each state in which the engine gives errors by itself.
func (s *suite) disturbed(f func(what string)) {
	e := s.h.Engine
	if e == nil {
		return
	}
	for _, state := range []struct {
		what   string
		breaks func()
		can    bool
	}{
		{"when denied", func() { e.Deny(s.T) }, e.Deny != nil},
		{"with an engine that fails", func() { e.Fail(s.T, 1000) }, e.Fail != nil},
		{"when throttled", func() { e.Throttle(s.T, 1000) }, e.Throttle != nil},
		{"with a connection that breaks", func() { e.Cut(s.T, 1000) }, e.Cut != nil},
		{"with a disabled key", func() { e.Disable(s.T) }, e.Disable != nil},
		{"with a key that is to be deleted", func() { e.Delete(s.T) }, e.Delete != nil},
		{"with expired credentials", func() { e.Expire(s.T) }, e.Expire != nil},
	} {
		if state.can {
			state.breaks()
			f(state.what)
			e.Restore(s.T)
		}
	}
}

// wantChainWithoutSecret looks at err, which may be nil, and at everything that it wraps.
func (s *suite) wantChainWithoutSecret(err error, what string) {
	s.Helper()
	if err == nil {
		return
	}
	s.wantNoSecret(err.Error(), what)
	s.wantNoSecret(fmt.Sprintf("%+v", err), what)
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		s.wantChainWithoutSecret(e.Unwrap(), what)
	case interface{ Unwrap() []error }:
		for _, err := range e.Unwrap() {
			s.wantChainWithoutSecret(err, what)
		}
	}
}
