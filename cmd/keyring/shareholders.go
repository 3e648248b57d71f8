package main

import (
	"context"
	"fmt"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/cmd/keyring/internal/config"
	"github.com/sealwax/sealwax/wrappers"
)

// shareholders are the active recovery recipients of groups, by group and fingerprint. Who is in a group twice under two
// names has two of its shares, and two of three officers would be one. What a KEK's key is called at a provider says less: two
// Vaults may each have a key "app".
type shareholders map[[2]string]*config.KEK

// add refuses a recipient that the group has already.
func (s shareholders) add(ctx context.Context, c *config.KEK, w wrapping.Wrapper) error {
	public, ok := w.(wrappers.WrapOnlyer)
	if !ok || !public.WrapOnly() || c.Group == "" || !c.Active {
		return nil
	}
	fingerprint, err := w.KeyId(ctx)
	if err != nil {
		return fmt.Errorf("%s:%d: keyring %s: %w", c.File, c.Line, c.ID(), err)
	}
	key := [2]string{c.Group, fingerprint}
	if first := s[key]; first != nil {
		return fmt.Errorf("%s:%d: keyring %s: its recipient is in the group %q already, as %s at %s:%d: one person would hold two shares; leave one out",
			c.File, c.Line, c.ID(), c.Group, first.ID(), first.File, first.Line)
	}
	s[key] = c
	return nil
}
