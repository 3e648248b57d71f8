package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/hpke"
)

// recovery is one run of keyring recover.
type recovery struct {
	keyFile string
	accept  string
	check   bool
}

// recovered is what keyring recover --check reports. The names are API.
type recovered struct {
	OK         bool        `json:"ok"`
	ID         keystore.ID `json:"id"`
	Generation uint64      `json:"generation"`
	KEK        string      `json:"kek"`
	Keys       int         `json:"keys"`
}

func (c *cli) recoverCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "recover",
		Short: "Open the keystore with a recovery key and rewrap it to the configured KEKs",
		Long: `recover opens the keystore with an offline recovery key and wraps the root for the KEKs that the config names now. With --check it
changes nothing and proves that the recovery key works.

Anybody who knows the recipient can make a keystore that the recovery key opens. So the identity must be pinned in the config, or be
accepted with --accept-identity after comparing it with one that was noted elsewhere.`,
		Example: `  keyring recover --recovery-key recovery.key --check
  keyring recover --recovery-key recovery.key`,
		Args: cobra.NoArgs,
	}
	var r recovery
	asJSON := jsonFlag(cmd)
	cmd.Flags().StringVar(&r.keyFile, "recovery-key", "", "`file` with the recovery key (required)")
	cmd.Flags().StringVar(&r.accept, "accept-identity", "", "`fingerprint` of the keystore's identity, as keyring status prints it")
	cmd.Flags().BoolVar(&r.check, "check", false, "only prove that the recovery key opens every key")
	cmd.MarkFlagRequired("recovery-key")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := c.recover(cmd.Context(), r, *asJSON); err != nil {
			return c.fail(*asJSON, err)
		}
		return nil
	}
	return cmd
}

func (c *cli) recover(ctx context.Context, r recovery, asJSON bool) error {
	s, err := c.site(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.acceptIdentity(r.accept); err != nil {
		return err
	}
	key, err := c.recoveryKey(r.keyFile)
	if err != nil {
		return err
	}
	defer key.Clear()
	kek, err := s.recoveryKEK(ctx, key)
	if err != nil {
		return err
	}
	ring, err := s.loadWith(ctx, r.check, kek)
	if err != nil {
		return err
	}
	defer ring.Close()
	if r.check {
		return c.printRecovered(ring, kek, asJSON)
	}
	report, err := s.rewrapRing(ctx, ring)
	if report == nil {
		return err
	}
	if r.accept != "" {
		err = errors.Join(err, s.pin(ring.Seen().Identity))
	}
	report.Error = text(err)
	return errors.Join(err, c.printRewrapped(report, asJSON))
}

// acceptIdentity pins what the operator compared by hand, where the config pins nothing.
func (s *site) acceptIdentity(text string) error {
	pinned := s.config.Keystore.Identity
	if text == "" && pinned == nil {
		return usageError{errors.New("the config pins no identity: give --accept-identity with the fingerprint that was noted when the keystore was made")}
	}
	if text == "" {
		return nil
	}
	accepted, err := keystore.ParsePin(text)
	if err != nil {
		return usageError{fmt.Errorf("--accept-identity: %w", err)}
	}
	if pinned != nil && !pinned.Equal(ed25519.PublicKey(accepted)) {
		return usageError{fmt.Errorf("--accept-identity %s, but %s pins %s: remove one of them", text, s.config.File, keystore.FormatPin(pinned))}
	}
	s.config.Keystore.Identity = accepted
	return nil
}

func (c *cli) recoveryKey(file string) (*hpke.RecoveryKey, error) {
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

// recoveryKEK returns the KEK that opens the stanza which was wrapped to the key's recipient, whatever it was called.
func (s *site) recoveryKEK(ctx context.Context, key *hpke.RecoveryKey) (*wrappers.KEK, error) {
	contents, err := s.fetch(ctx)
	if err != nil {
		return nil, err
	}
	fingerprint := key.Recipient().Fingerprint()
	for _, st := range contents.Stanzas {
		if st.Provider == hpke.Provider && st.KeyID == fingerprint {
			return wrappers.New(hpke.NewOpener(key), &wrappers.Options{Provider: st.Provider, Name: nameIn(st.KEK, st.Provider)})
		}
	}
	return nil, fmt.Errorf("%w: no stanza of the keystore is for the recovery key with fingerprint %s", keyring.ErrNoKEK, fingerprint)
}

// loadWith is load with one KEK in place of the configured ones.
func (s *site) loadWith(ctx context.Context, readOnly bool, kek *wrappers.KEK) (*keyring.Ring, error) {
	configured := s.keks
	s.keks = []*wrappers.KEK{kek}
	defer func() { s.keks = configured }()
	return s.load(ctx, readOnly)
}

func (c *cli) printRecovered(ring *keyring.Ring, kek *wrappers.KEK, asJSON bool) error {
	seen := ring.Seen()
	report := recovered{OK: true, ID: seen.ID, Generation: seen.Generation, KEK: kek.ID()}
	for _, k := range ring.Keys() {
		if k.State == keystore.Destroyed {
			continue
		}
		if k.Err != nil {
			return k.Err
		}
		report.Keys++
	}
	if asJSON {
		return c.printJSON(report)
	}
	_, err := fmt.Fprintf(c.out, "the recovery key opens keystore %s, generation %d, by %s: all %d keys open\n",
		report.ID, report.Generation, report.KEK, report.Keys)
	return err
}
