package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/cmd/keyring/internal/config"
	"github.com/sealwax/sealwax/cmd/keyring/internal/state"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/awskms"
	"github.com/sealwax/sealwax/wrappers/azurekeyvault"
	"github.com/sealwax/sealwax/wrappers/gcpckms"
	"github.com/sealwax/sealwax/wrappers/hpke"
	"github.com/sealwax/sealwax/wrappers/local"
	"github.com/sealwax/sealwax/wrappers/passphrase"
	"github.com/sealwax/sealwax/wrappers/transit"
)

// providers are the labels that a keyring block may have.
var providers = map[string]func(context.Context, *wrappers.Settings) (wrapping.Wrapper, error){
	awskms.Provider:        awskms.Configure,
	azurekeyvault.Provider: azurekeyvault.Configure,
	gcpckms.Provider:       gcpckms.Configure,
	hpke.Provider:          hpke.Configure,
	local.Provider:         local.Configure,
	passphrase.Provider:    passphrase.Configure,
	transit.Provider:       transit.Configure,
}

// newKEKs makes the KEKs that the config names, with what is known of their health. No provider is called. It returns
// what the environment says differently from the config, and all that is wrong at once.
func newKEKs(ctx context.Context, configs []config.KEK, healths state.Healths) (keks []*wrappers.KEK, warnings []string, err error) {
	var errs []error
	held := make(shareholders)
	for i := range configs {
		k, w, err := newKEK(ctx, &configs[i], healths[configs[i].ID()], held)
		warnings = append(warnings, w...)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		keks = append(keks, k)
	}
	if len(errs) > 0 {
		closeAll(keks)
		return nil, nil, errors.Join(errs...)
	}
	return keks, warnings, nil
}

func newKEK(ctx context.Context, c *config.KEK, h wrappers.Health, held shareholders) (*wrappers.KEK, []string, error) {
	configure := providers[c.Provider]
	if configure == nil {
		known := strings.Join(slices.Sorted(maps.Keys(providers)), ", ")
		return nil, nil, fmt.Errorf("%s:%d: keyring %q: unknown provider; it could be %s", c.File, c.Line, c.Provider, known)
	}
	settings := wrappers.NewSettings(c.ID(), c.Settings).At(c.File, c.Line)
	w, err := configure(ctx, settings)
	if err != nil {
		return nil, nil, err
	}
	if err := held.add(ctx, c, w); err != nil {
		return nil, nil, err
	}
	k, err := wrappers.New(w, &wrappers.Options{
		Provider: c.Provider, Name: c.Name, Group: c.Group, Inactive: !c.Active,
		Timeout: c.Timeout, CallsPerMinute: c.CallsPerMinute, Health: h,
	})
	return k, settings.Warnings(), err
}

func closeAll(keks []*wrappers.KEK) {
	for _, k := range keks {
		k.Close() // at the end of a command nobody could act on the error
	}
}
