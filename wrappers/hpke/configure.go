package hpke

import (
	"context"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
)

// Configure makes a wrapper that can only wrap from the settings of a config's block: recipient, which is required.
func Configure(_ context.Context, s *wrappers.Settings) (wrapping.Wrapper, error) {
	text := s.Require("recipient")
	recipient, err := ParseRecipient(text)
	if err != nil && text != "" {
		s.Refuse("recipient", err.Error())
	}
	if err := s.Err(); err != nil {
		return nil, err
	}
	return &Wrapper{recipient: recipient}, nil
}
