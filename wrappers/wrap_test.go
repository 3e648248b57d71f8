package wrappers

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"
	"github.com/hashicorp/go-kms-wrapping/v2/aead"
)

// libraryAEAD is go-kms-wrapping's own wrapper, which panics on ciphertexts under 12 bytes.
func libraryAEAD(t *testing.T) wrapping.Wrapper {
	t.Helper()
	w := aead.NewWrapper()
	if err := w.SetAesGcmKeyBytes(make([]byte, 32)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.SetConfig(t.Context(), wrapping.WithKeyId("k1")); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestAnyWrapperWorks(t *testing.T) {
	for name, w := range map[string]wrapping.Wrapper{
		"the library's aead":          libraryAEAD(t),
		"the library's test wrapper":  wrapping.NewTestWrapper([]byte("secret")),
		"the library's test envelope": wrapping.NewTestEnvelopeWrapper([]byte("secret")),
		"a wrapper with a scheme":     &schemer{newFake(), "fake/1"},
	} {
		k := newKEK(t, w, nil)
		wrapped, err := k.Wrap(t.Context(), []byte("the root"), []byte("aad"))
		if err != nil {
			t.Errorf("%s: Wrap: %v", name, err)
			continue
		}
		got, err := k.Unwrap(t.Context(), wrapped, []byte("aad"))
		if err != nil || string(got) != "the root" {
			t.Errorf("%s: Unwrap: %q, %v", name, got, err)
		}
	}
}

func TestStoredFields(t *testing.T) {
	w, err := newKEK(t, &schemer{newFake(), "fake/1"}, nil).Wrap(t.Context(), []byte("x"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if w.Scheme != "fake/1" || w.KeyID != "static-key" || w.KeyVersion != "w" || string(w.Blob) != "wx" {
		t.Errorf("with a scheme: got %+v", w)
	}
	w, err = newKEK(t, libraryAEAD(t), nil).Wrap(t.Context(), []byte("x"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if w.Scheme != "blobinfo/1" || w.KeyID != "k1" || w.KeyVersion != "" {
		t.Errorf("without a scheme: got %+v", w)
	}
}

// A key ID that names the version too is two fields in a keystore, and whole again for the wrapper.
func TestVersionInTheKeyID(t *testing.T) {
	f := newFake()
	f.encrypt = func(context.Context, []byte) (*wrapping.BlobInfo, error) {
		return &wrapping.BlobInfo{Ciphertext: []byte("wx"), KeyInfo: &wrapping.KeyInfo{KeyId: "app#7"}}, nil
	}
	seen := ""
	f.decryptInfo = func(info *wrapping.BlobInfo) ([]byte, error) {
		seen = info.KeyInfo.KeyId
		return info.Ciphertext[1:], nil
	}
	k := newKEK(t, &versioner{&schemer{f, "fake/1"}}, nil)
	w, err := k.Wrap(t.Context(), []byte("x"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if w.KeyID != "app" || w.KeyVersion != "7" || seen != "app#7" {
		t.Errorf("got key %q, version %q, and %q for the wrapper; want app, 7, app#7", w.KeyID, w.KeyVersion, seen)
	}
	w.KeyVersion = "6"
	if _, err := k.Unwrap(t.Context(), w, nil); err != nil || seen != "app#6" {
		t.Errorf("an older version: the wrapper got %q, %v; want app#6", seen, err)
	}
}

func TestPanicOfTheLibraryIsAnError(t *testing.T) {
	k := newKEK(t, libraryAEAD(t), nil)
	short := &wrapping.BlobInfo{Ciphertext: make([]byte, 11)}
	_, err := k.Unwrap(t.Context(), &Wrapped{Scheme: SchemeBlobInfo, Blob: appendBlobInfo(nil, short)}, nil)
	wantError(t, err, Never, "wrappers: unwrap with fake.eu: the driver panicked: runtime error: slice bounds out of range [:12] with capacity 11")
}

func TestWrapRefusesBeforeTheDriver(t *testing.T) {
	for _, c := range []struct {
		plaintext []byte
		o         Options
		want      string
	}{
		{nil, Options{}, "wrappers: wrap with fake: plaintext of 0 bytes, need 1 to 128"},
		{make([]byte, 129), Options{}, "wrappers: wrap with fake: plaintext of 129 bytes, need 1 to 128"},
		{[]byte("x"), Options{Inactive: true}, "wrappers: wrap with fake: this KEK is inactive: it unwraps what it wrapped before and wraps nothing new"},
	} {
		c.o.Provider = "fake"
		f := newFake()
		_, err := newKEK(t, f, &c.o).Wrap(t.Context(), c.plaintext, nil)
		wantError(t, err, Never, c.want)
		if n := f.calls.Load(); n != 0 {
			t.Errorf("%s: the driver was called %d times", c.want, n)
		}
	}
}

func TestUnwrapRefusesBeforeTheDriver(t *testing.T) {
	good := Wrapped{Scheme: "fake/1", Blob: []byte("wx")}
	for _, c := range []struct {
		w    *Wrapped
		want string
	}{
		{nil, "nothing there"},
		{&Wrapped{}, `scheme "", this KEK opens "fake/1"`},
		{&Wrapped{Scheme: "blobinfo/1", Blob: good.Blob}, `scheme "blobinfo/1", this KEK opens "fake/1"`},
		{&Wrapped{Scheme: "fake/1"}, "the blob is empty"},
		{&Wrapped{Scheme: "fake/1", Blob: make([]byte, MaxBlob+1)}, "the blob has 16385 bytes, more than 16384"},
		{&Wrapped{Scheme: "fake/1", Blob: []byte("x")}, "does not begin with w"},
		{&Wrapped{Scheme: "fake/1", Blob: good.Blob, KeyID: "\x1b[2J"}, `key ID and version need at most 1024 printable ASCII characters without " \ < > &`},
		{&Wrapped{Scheme: "fake/1", Blob: good.Blob, KeyVersion: "<1>"}, `key ID and version need at most 1024 printable ASCII characters without " \ < > &`},
	} {
		f := newFake()
		_, err := newKEK(t, &schemer{f, "fake/1"}, nil).Unwrap(t.Context(), c.w, nil)
		wantError(t, err, Never, "wrappers: unwrap with fake.eu: malformed blob: "+c.want)
		if !errors.Is(err, ErrMalformed) {
			t.Errorf("%v: not ErrMalformed", err)
		}
		if n := f.calls.Load(); n != 0 {
			t.Errorf("%s: the driver was called %d times", c.want, n)
		}
	}
}

func TestUselessResultsOfADriver(t *testing.T) {
	for _, c := range []struct {
		info *wrapping.BlobInfo
		want string
	}{
		{nil, "no ciphertext"},
		{&wrapping.BlobInfo{}, "no ciphertext"},
		{&wrapping.BlobInfo{Ciphertext: make([]byte, MaxBlob)}, "malformed blob: the blob has 16394 bytes, more than 16384"},
		{&wrapping.BlobInfo{Ciphertext: []byte("c"), Plaintext: []byte("p")}, "plaintext is set, which blobinfo/1 does not store"},
		{&wrapping.BlobInfo{Ciphertext: []byte("c"), KeyInfo: &wrapping.KeyInfo{Key: []byte("k")}}, "key is set, which blobinfo/1 does not store"},
	} {
		f := newFake()
		f.encrypt = func(context.Context, []byte) (*wrapping.BlobInfo, error) { return c.info, nil }
		_, err := newKEK(t, f, nil).Wrap(t.Context(), []byte("x"), nil)
		wantError(t, err, Never, "wrappers: wrap with fake.eu (key static-key): the wrapper's result cannot be stored: "+c.want)
	}
	for _, c := range []struct {
		ciphertext, scheme, want string
	}{
		{"", "fake/1", "malformed blob: the blob is empty"},
		{"x", "fake/1", "malformed blob: does not begin with w"},
		{"wx", "Fake", `the wrapper's scheme "Fake" is not NAME/NUMBER of at most 64 lower-case letters, digits, dots and hyphens`},
	} {
		f := newFake()
		f.encrypt = func(context.Context, []byte) (*wrapping.BlobInfo, error) {
			return &wrapping.BlobInfo{Ciphertext: []byte(c.ciphertext)}, nil
		}
		_, err := newKEK(t, &schemer{f, c.scheme}, nil).Wrap(t.Context(), []byte("x"), nil)
		wantError(t, err, Never, "wrappers: wrap with fake.eu (key static-key): the wrapper's result cannot be stored: "+c.want)
	}
}

func TestSizeOfWhatADriverUnwraps(t *testing.T) {
	for _, n := range []int{0, 1, 128, 129, 256} {
		f, returned := newFake(), bytes.Repeat([]byte("x"), n)
		f.decrypt = func(context.Context, []byte) ([]byte, error) { return returned, nil }
		got, err := newKEK(t, &schemer{f, "fake/1"}, nil).Unwrap(t.Context(), blob, nil)
		if n >= 1 && n <= MaxPlaintext {
			if err != nil || len(got) != n {
				t.Errorf("%d bytes: got %d, %v", n, len(got), err)
			}
			continue
		}
		wantError(t, err, Never, fmt.Sprintf("wrappers: unwrap with fake.eu: the wrapper returned %d bytes, want 1 to 128", n))
		if got != nil || bytes.Contains(returned, []byte("x")) {
			t.Errorf("%d bytes: got %q, and %q was not cleared", n, got, returned)
		}
	}
}

// Read-back alone would be content with a driver that does not encrypt.
func TestPlaintextInTheBlobIsRefused(t *testing.T) {
	secret := root[len(root)-32:]
	for name, blob := range map[string]*wrapping.BlobInfo{
		"as it is":         {Ciphertext: root},
		"the root alone":   {Ciphertext: append([]byte("w"), secret...)},
		"half of the root": {Ciphertext: append([]byte("w"), secret[:16]...)},
		"in hex":           {Ciphertext: fmt.Appendf(nil, "v1:%x", root)},
		"in base64":        {Ciphertext: base64.StdEncoding.AppendEncode([]byte("v1:"), root)},
		"base64 for URLs":  {Ciphertext: base64.RawURLEncoding.AppendEncode([]byte("v1:"), secret)},
		"in another field": {Ciphertext: []byte("c"), KeyInfo: &wrapping.KeyInfo{WrappedKey: root}},
		"in the key's ID":  {Ciphertext: []byte("c"), KeyInfo: &wrapping.KeyInfo{KeyId: hex.EncodeToString(secret)}},
	} {
		f := newFake()
		f.encrypt = func(context.Context, []byte) (*wrapping.BlobInfo, error) { return blob, nil }
		f.decrypt = func(context.Context, []byte) ([]byte, error) { return bytes.Clone(root), nil }
		for kind, w := range map[string]wrapping.Wrapper{"": f, "wrap-only ": wrapOnly{f}} {
			got, err := newKEK(t, w, nil).Wrap(t.Context(), root, nil)
			wantError(t, err, Never, "wrappers: wrap with fake.eu (key static-key): the driver's result shows what it was to wrap, and would be stored in clear")
			if got != nil {
				t.Errorf("%s%s: a blob was returned with the error", kind, name)
			}
		}
	}
}

// What stands before the root is public: zeros, a label, IDs.
func TestBlobMayShowWhatIsPublic(t *testing.T) {
	plaintext := append(make([]byte, 32), root...)
	f := newFake()
	f.encrypt = func(context.Context, []byte) (*wrapping.BlobInfo, error) {
		return &wrapping.BlobInfo{Ciphertext: append([]byte("w"), plaintext[:len(plaintext)-32]...), KeyInfo: &wrapping.KeyInfo{}}, nil
	}
	f.decrypt = func(context.Context, []byte) ([]byte, error) { return bytes.Clone(plaintext), nil }
	if _, err := newKEK(t, f, nil).Wrap(t.Context(), plaintext, nil); err != nil {
		t.Error(err)
	}
}

func TestReadBack(t *testing.T) {
	f := newFake()
	for _, back := range []string{"the rooT", "The root", "the root ", "the roo", "x"} {
		f.decrypt = func(context.Context, []byte) ([]byte, error) { return []byte(back), nil }
		w, err := newKEK(t, f, nil).Wrap(t.Context(), []byte("the root"), nil)
		wantError(t, err, Never, "wrappers: read back with fake.eu (key static-key): unwrapping what was just wrapped gave something else")
		if w != nil {
			t.Errorf("%q: something was returned with the error", back)
		}
	}
	f.decrypt = func(context.Context, []byte) ([]byte, error) { return nil, errors.New("may only\n\t* encrypt") }
	_, err := newKEK(t, f, nil).Wrap(t.Context(), []byte("x"), nil)
	wantError(t, err, Ask, "wrappers: read back with fake.eu (key static-key): may only * encrypt")
}

type wrapOnly struct{ *fake }

func (wrapOnly) WrapOnly() bool { return true }

func TestWrapOnlyIsNeverAskedToUnwrap(t *testing.T) {
	f := newFake()
	k := newKEK(t, wrapOnly{f}, nil)
	w, err := k.Wrap(t.Context(), []byte("x"), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = k.Unwrap(t.Context(), w, nil)
	wantError(t, err, Never, "wrappers: unwrap with fake.eu (key static-key): this key can only wrap")
	if !errors.Is(err, ErrWrapOnly) || f.calls.Load() != 1 {
		t.Errorf("got %v after %d calls, want ErrWrapOnly after the one that wrapped", err, f.calls.Load())
	}
}

func TestWrapErrorNamesTheKey(t *testing.T) {
	f := &knowing{newFake(), Ask, "grant encrypt"}
	f.encrypt = func(context.Context, []byte) (*wrapping.BlobInfo, error) { return nil, errors.New("denied") }
	_, err := newKEK(t, f, nil).Wrap(t.Context(), []byte("x"), nil)
	wantError(t, err, Ask, "wrappers: wrap with fake.eu (key static-key): denied; grant encrypt")
}

func TestDriverWorksOnCopiesThatAreCleared(t *testing.T) {
	f, plaintext := newFake(), []byte("the root")
	var kept []byte
	f.encrypt = func(_ context.Context, p []byte) (*wrapping.BlobInfo, error) {
		kept = p
		return &wrapping.BlobInfo{Ciphertext: append([]byte("w"), p...)}, nil
	}
	if _, err := newKEK(t, f, nil).Wrap(t.Context(), plaintext, nil); err != nil {
		t.Fatal(err)
	}
	if string(plaintext) != "the root" {
		t.Error("the caller's plaintext was changed")
	}
	if !bytes.Equal(kept, make([]byte, len(plaintext))) {
		t.Errorf("the driver's copy was not cleared: %q", kept)
	}
}

func TestDriverMayChangeTheBlobThatItGets(t *testing.T) {
	f := newFake()
	f.decrypt = func(_ context.Context, ciphertext []byte) ([]byte, error) {
		clear(ciphertext)
		return []byte("x"), nil
	}
	w := &Wrapped{Scheme: "fake/1", Blob: []byte("wx")}
	if _, err := newKEK(t, &schemer{f, "fake/1"}, nil).Unwrap(t.Context(), w, nil); err != nil {
		t.Fatal(err)
	}
	if string(w.Blob) != "wx" {
		t.Errorf("the caller's blob is now %q", w.Blob)
	}
}
