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

// recoveryKEKs returns a KEK for each recovery key, and the configured KEKs that have a share of a group in which one of those
// has one too. The others stay out of it: what a recovery proves shall not hang on them.
func (s *site) recoveryKEKs(ctx context.Context, files []string) (openers, fellows []*wrappers.KEK, err error) {
	contents, err := s.fetch(ctx)
	if err != nil {
		return nil, nil, err
	}
	groups := make(map[string]bool)
	from := make(map[string]string)
	for _, file := range files {
		k, stanza, err := recoveryKEK(contents, file)
		if err == nil && from[k.ID()] != "" {
			err = usageError{fmt.Errorf("%s and %s hold the same recovery key", from[k.ID()], file)}
		}
		if err != nil {
			closeAll(openers)
			return nil, nil, err
		}
		openers, from[k.ID()] = append(openers, k), file
		if stanza.Share > 0 {
			groups[stanza.Group] = true
		}
	}
	for _, k := range s.keks {
		st := stanzaOf(contents, k.ID())
		if st != nil && groups[st.Group] && from[k.ID()] == "" && !k.WrapOnly() {
			fellows = append(fellows, k)
		}
	}
	return openers, fellows, nil
}

// recoveryKEK returns the KEK that opens the stanza which was wrapped to the recipient of the key in file, whatever it was
// called. Closing it clears the key.
func recoveryKEK(contents *keystore.Contents, file string) (*wrappers.KEK, *keystore.Stanza, error) {
	key, err := readRecoveryKey(file)
	if err != nil {
		return nil, nil, err
	}
	fingerprint := key.Recipient().Fingerprint()
	at := slices.IndexFunc(contents.Stanzas, func(s keystore.Stanza) bool { return s.Provider == hpke.Provider && s.KeyID == fingerprint })
	if at < 0 {
		key.Clear()
		return nil, nil, fmt.Errorf("%w: no stanza of the keystore is for the recovery key with fingerprint %s\n  next: 'keyring status' shows the fingerprints of those that open it, under KEY",
			keyring.ErrNoKEK, fingerprint)
	}
	stanza := &contents.Stanzas[at]
	k, err := wrappers.New(opener{hpke.NewOpener(key), key}, &wrappers.Options{Provider: stanza.Provider, Name: nameIn(stanza.KEK, stanza.Provider)})
	if err != nil {
		key.Clear()
	}
	return k, stanza, err
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
