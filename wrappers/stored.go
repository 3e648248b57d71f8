package wrappers

import (
	"fmt"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/internal/names"
)

// stored turns a wrapper's results into what is stored, and back. Both directions check everything: load refuses what
// store would not have made.
type stored interface {
	store(info *wrapping.BlobInfo) (*Wrapped, error)
	load(w *Wrapped) (*wrapping.BlobInfo, error)
}

func storedAs(w wrapping.Wrapper) stored {
	if s, ok := w.(Schemer); ok {
		return ownScheme{s}
	}
	return wholeBlobInfo{}
}

// checkSizes refuses what no scheme may have.
func checkSizes(w *Wrapped) error {
	switch {
	case len(w.Blob) == 0:
		return malformed("the blob is empty")
	case len(w.Blob) > MaxBlob:
		return malformed("the blob has %d bytes, more than %d", len(w.Blob), MaxBlob)
	case !names.IsText(w.KeyID) || !names.IsText(w.KeyVersion):
		return malformed("key ID and version need at most %d printable ASCII characters without \" \\ < > &", names.MaxText)
	}
	return nil
}

// ownScheme stores ciphertext, key ID and version under the name that the wrapper gives.
type ownScheme struct{ wrapper Schemer }

func (s ownScheme) store(info *wrapping.BlobInfo) (*Wrapped, error) {
	w := &Wrapped{
		Scheme: s.wrapper.Scheme(),
		KeyID:  info.GetKeyInfo().GetKeyId(), // the getters take nil
		Blob:   info.GetCiphertext(),
	}
	if v, ok := s.wrapper.(Versioner); ok {
		w.KeyID, w.KeyVersion = v.SplitKeyID(w.KeyID)
	} else if len(w.Blob) > 0 {
		w.KeyVersion = s.wrapper.KeyVersion(w.Blob)
	}
	_, err := s.load(w)
	return w, err
}

func (s ownScheme) load(w *Wrapped) (*wrapping.BlobInfo, error) {
	want := s.wrapper.Scheme()
	if !names.IsScheme(want) {
		return nil, never(fmt.Errorf("the wrapper's scheme %q is not NAME/NUMBER of at most %d lower-case letters, digits, dots and hyphens", want, names.MaxScheme))
	}
	if w.Scheme != want {
		return nil, malformed("scheme %q, this KEK opens %q", w.Scheme, want)
	}
	if err := checkSizes(w); err != nil {
		return nil, err
	}
	if err := s.wrapper.CheckCiphertext(w.Blob); err != nil {
		return nil, malformed("%v", err)
	}
	id := w.KeyID
	if v, ok := s.wrapper.(Versioner); ok {
		id = v.JoinKeyID(w.KeyID, w.KeyVersion)
	}
	return &wrapping.BlobInfo{Ciphertext: w.Blob, KeyInfo: &wrapping.KeyInfo{KeyId: id}}, nil
}
