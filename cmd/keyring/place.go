package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/keyring"
)

// place is where a message belongs and where its bytes come from and go to: the flags of seal and open.
type place struct {
	namespace, path string
	in, out         string
	raw             bool
}

func placeFlags(cmd *cobra.Command) *place {
	p := &place{}
	f := cmd.Flags()
	f.StringVar(&p.namespace, "namespace", "default", "namespace that the message belongs to")
	f.StringVar(&p.path, "path", "", "path that the message belongs to (required)")
	f.StringVar(&p.in, "in", "-", "`file` to read, - is standard input")
	f.StringVar(&p.out, "out", "-", "`file` to write, - is standard output")
	f.BoolVar(&p.raw, "raw", false, "the sealed side is binary, not base64")
	cmd.MarkFlagRequired("path")
	return p
}

// binding returns what a message at the place is bound to. It is the one of the variables server, so that either opens
// what the other sealed.
func (p *place) binding(region string) keyring.Binding {
	return keyring.Bind("variable", region, p.namespace, p.path)
}

// input reads what is to be sealed or opened: after the config, so that nobody types in vain, and before the keystore is
// opened, so that a key which is retired meanwhile is not used, and that a missing file costs no call to a KEK.
func (c *cli) input(ctx context.Context, p *place) ([]byte, error) {
	if p.path == "" || p.namespace == "" {
		return nil, usageError{errors.New("--path and --namespace must not be empty")}
	}
	return c.readAll(ctx, p.in)
}
