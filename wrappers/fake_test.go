package wrappers

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"
	"go.uber.org/goleak"

	"github.com/sealwax/sealwax/internal/bubble"
)

func TestMain(m *testing.M) {
	bubble.Prepare()
	goleak.VerifyTestMain(m)
}

// fake is a wrapper that does what the test says. Without that it keeps the plaintext as it is, behind a letter.
type fake struct {
	*wrapping.TestWrapper // Type, KeyId, SetConfig

	encrypt func(ctx context.Context, plaintext []byte) (*wrapping.BlobInfo, error)
	decrypt func(ctx context.Context, ciphertext []byte) ([]byte, error)
	calls   atomic.Int32

	decryptInfo func(info *wrapping.BlobInfo) ([]byte, error) // before decrypt, for a test that looks at the key ID
}

func newFake() *fake { return &fake{TestWrapper: wrapping.NewTestWrapper(nil)} }

func (f *fake) Encrypt(ctx context.Context, plaintext []byte, _ ...wrapping.Option) (*wrapping.BlobInfo, error) {
	f.calls.Add(1)
	if f.encrypt != nil {
		return f.encrypt(ctx, plaintext)
	}
	return &wrapping.BlobInfo{Ciphertext: append([]byte("w"), plaintext...), KeyInfo: &wrapping.KeyInfo{KeyId: "static-key"}}, nil
}

func (f *fake) Decrypt(ctx context.Context, info *wrapping.BlobInfo, _ ...wrapping.Option) ([]byte, error) {
	f.calls.Add(1)
	if f.decryptInfo != nil {
		return f.decryptInfo(info)
	}
	if f.decrypt != nil {
		return f.decrypt(ctx, info.Ciphertext)
	}
	return bytes.Clone(info.Ciphertext[1:]), nil
}

// schemer is a fake with a scheme of its own.
type schemer struct {
	*fake
	scheme string
}

func (s *schemer) Scheme() string             { return s.scheme }
func (s *schemer) KeyVersion(c []byte) string { return string(c[:1]) }
func (s *schemer) CheckCiphertext(c []byte) error {
	if len(c) < 2 || c[0] != 'w' {
		return errors.New("does not begin with w")
	}
	return nil
}

// versioner is a schemer whose key IDs are NAME#VERSION.
type versioner struct{ *schemer }

func (v *versioner) SplitKeyID(id string) (key, version string) {
	key, version, _ = strings.Cut(id, "#")
	return key, version
}

func (v *versioner) JoinKeyID(key, version string) string { return key + "#" + version }

// knowing is a fake that classifies its errors.
type knowing struct {
	*fake
	class Class
	hint  string
}

func (k *knowing) Classify(error) (Class, string) { return k.class, k.hint }

func newKEK(t *testing.T, w wrapping.Wrapper, o *Options) *KEK {
	t.Helper()
	if o == nil {
		o = &Options{Provider: "fake", Name: "eu"}
	}
	k, err := New(w, o)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// wantError wants an error of the package with this class and text.
func wantError(t *testing.T, err error, class Class, text string) {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Class != class || err.Error() != text {
		t.Errorf("got error (%v) %v\nwant (%v) %s", ClassOf(err), err, class, text)
	}
}
