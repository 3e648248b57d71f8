package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/hpke"
)

// recoverers are who is asked in a recovery.
type recoverers struct {
	openers []*wrappers.KEK   // one for each stanza that a recovery key opens: who is in two groups has two
	files   map[string]string // of the openers' keys, by the KEK's ID
	fellows []*wrappers.KEK   // configured KEKs that have a share of a group in which an opener has one
}

// recoverers makes the openers of the recovery keys. Other configured KEKs than their fellows stay out of it: what a recovery
// proves shall not hang on them.
func (s *site) recoverers(ctx context.Context, files []string) (*recoverers, error) {
	contents, err := s.fetch(ctx)
	if err != nil {
		return nil, err
	}
	r := &recoverers{files: make(map[string]string)}
	for _, file := range files {
		openers, err := openersOf(contents, file)
		if err == nil && r.files[openers[0].ID()] != "" {
			err = usageError{fmt.Errorf("%s and %s hold the same recovery key", r.files[openers[0].ID()], file)}
		}
		r.openers = append(r.openers, openers...)
		if err != nil {
			closeAll(r.openers)
			return nil, err
		}
		for _, k := range openers {
			r.files[k.ID()] = file
		}
	}
	groups := make(map[string]bool)
	for _, k := range r.openers {
		if st := stanzaOf(contents, k.ID()); st.Share > 0 {
			groups[st.Group] = true
		}
	}
	for _, k := range s.keks {
		st := stanzaOf(contents, k.ID())
		if st != nil && groups[st.Group] && r.files[k.ID()] == "" && !k.WrapOnly() {
			r.fellows = append(r.fellows, k)
		}
	}
	return r, nil
}

// all returns the openers and their fellows.
func (r *recoverers) all() []*wrappers.KEK { return append(slices.Clone(r.openers), r.fellows...) }

// openersOf returns a KEK for each stanza that was wrapped to the recipient of the key in file, whatever it was called.
// Closing one clears the key.
func openersOf(contents *keystore.Contents, file string) ([]*wrappers.KEK, error) {
	key, err := readRecoveryKey(file)
	if err != nil {
		return nil, err
	}
	fingerprint := key.Recipient().Fingerprint()
	var openers []*wrappers.KEK
	for _, st := range contents.Stanzas {
		if st.Provider != hpke.Provider || st.KeyID != fingerprint {
			continue
		}
		k, err := wrappers.New(opener{hpke.NewOpener(key), key}, &wrappers.Options{Provider: st.Provider, Name: nameIn(st.KEK, st.Provider)})
		if err != nil {
			key.Clear()
			return openers, err
		}
		openers = append(openers, k)
	}
	if len(openers) == 0 {
		key.Clear()
		return nil, fmt.Errorf("%w: no stanza of the keystore is for the recovery key with fingerprint %s\n  next: 'keyring status' shows the fingerprints of those that open it, under KEY",
			keyring.ErrNoKEK, fingerprint)
	}
	return openers, nil
}

// opener is a wrapper that owns its recovery key.
type opener struct {
	*hpke.Wrapper
	key *hpke.RecoveryKey
}

// Close clears the key.
func (o opener) Close() error {
	o.key.Clear()
	return nil
}

func readRecoveryKey(file string) (*hpke.RecoveryKey, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the recovery key: %w", err)
	}
	defer clear(content)
	key, err := hpke.ParseRecoveryKey(content)
	if err != nil {
		return nil, usageError{fmt.Errorf("%s: %w", file, err)}
	}
	return key, nil
}

// stanzaOf returns the stanza of a KEK, nil if it has none.
func stanzaOf(contents *keystore.Contents, kek string) *keystore.Stanza {
	at := slices.IndexFunc(contents.Stanzas, func(s keystore.Stanza) bool { return s.KEK == kek })
	if at < 0 {
		return nil
	}
	return &contents.Stanzas[at]
}
