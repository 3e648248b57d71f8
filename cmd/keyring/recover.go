package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// recovery is one run of keyring recover.
type recovery struct {
	keyFiles []string
	accept   string
	check    bool
}

func (c *cli) recoverCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "recover",
		Short: "Open the keystore with a recovery key and rewrap it to the configured KEKs",
		Long: `recover opens the keystore with an offline recovery key and wraps the root for the KEKs that the
config names now. With --check it changes nothing and proves that the recovery key works.

Members of a group with a threshold have a share each: give so many of their recovery keys. KEKs of
the config that are in the same group are asked for theirs.

Anybody who knows the recipient can make a keystore that the recovery key opens. So the identity
must be pinned in the config, or be accepted with --accept-identity after comparing it with one that
was noted elsewhere.`,
		Example: `  keyring recover --recovery-key recovery.key --check
  keyring recover --recovery-key recovery.key
  keyring recover --recovery-key alice.key --recovery-key bob.key`,
		Args: cobra.NoArgs,
	}
	var r recovery
	asJSON := jsonFlag(cmd)
	cmd.Flags().StringArrayVar(&r.keyFiles, "recovery-key", nil, "`file` with a recovery key (required, repeatable)")
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
	by, err := s.recoverers(ctx, r.keyFiles)
	if err != nil {
		return err
	}
	defer closeAll(by.openers)
	if r.check {
		return s.checkRecovery(ctx, by, asJSON)
	}
	ring, err := s.loadWith(ctx, by.all())
	if err != nil {
		return err
	}
	defer ring.Close()
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

// loadWith is load with other KEKs in place of the configured ones.
func (s *site) loadWith(ctx context.Context, keks []*wrappers.KEK) (*keyring.Ring, error) {
	configured := s.keks
	s.keks = keks
	defer func() { s.keks = configured }()
	return s.load(ctx, false)
}
