package main

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/sealwax/sealwax/cmd/keyring/internal/config"
	"github.com/sealwax/sealwax/cmd/keyring/internal/state"
	"github.com/sealwax/sealwax/internal/shell"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// site is what the config names: a keystore, its KEKs, and where the command keeps what it has last seen.
type site struct {
	cli      *cli
	config   *config.Config
	store    *keystore.File
	seen     *state.File // nil if there is no place for it
	unseen   error       // why there is none
	health   health
	keks     []*wrappers.KEK
	warnings []string

	payInterval time.Duration // of rings; negative: a command that is soon over pays nothing by itself
}

// configName is the config that is used, as the operator or the default names it.
func (c *cli) configName() string {
	return cmp.Or(c.configFile, os.Getenv("KEYRING_CONFIG"), config.DefaultFile)
}

// configFlags are the flags of the command line that say which config is used, as another command would have to be given them.
func (c *cli) configFlags() string {
	var flags []string
	if c.configFile != "" {
		flags = append(flags, "--config "+shell.Path(c.configFile))
	}
	for _, file := range c.nomadConfigs {
		flags = append(flags, "--nomad-config "+shell.Path(file))
	}
	return strings.Join(flags, " ")
}

// site reads the config. Nothing else is read yet, and no provider is called.
func (c *cli) site(ctx context.Context) (*site, error) {
	path, err := config.Find(c.configFile, os.Getenv("KEYRING_CONFIG"))
	if err != nil {
		return nil, usageError{err}
	}
	conf, err := config.Load(path, c.nomadConfigs...)
	if err != nil {
		return nil, usageError{err}
	}
	return c.siteOf(ctx, conf)
}

func (c *cli) siteOf(ctx context.Context, conf *config.Config) (*site, error) {
	h := c.recallHealth(conf)
	keks, warnings, err := newKEKs(ctx, conf.KEKs, h.found)
	if err != nil {
		return nil, usageError{err}
	}
	h.keks = keks
	s := &site{cli: c, config: conf, store: keystore.NewFile(conf.Keystore.Path), health: h, keks: keks, warnings: warnings, payInterval: -1}
	if s.seen, s.unseen = openState(conf); s.unseen != nil {
		s.warnUnseen(s.unseen)
	}
	return s, nil
}

func (s *site) close() { closeAll(s.keks) }

// groups returns the configured groups with their thresholds.
func (s *site) groups() map[string]int {
	groups := make(map[string]int)
	for _, g := range s.config.Groups {
		groups[g.Name] = g.Threshold
	}
	return groups
}

// load opens the ring of the configured keystore and remembers what it saw.
func (s *site) load(ctx context.Context, readOnly bool) (*keyring.Ring, error) {
	o, err := s.options(ctx)
	if err != nil {
		return nil, err
	}
	o.ReadOnly = readOnly
	ring, err := keyring.Load(ctx, s.store, s.keks, o)
	s.rememberHealth()
	if err != nil {
		return nil, s.explainLost(err, o.Seen)
	}
	s.remember(ctx, ring.Seen())
	return ring, nil
}

// withRing opens the configured ring, has it used, and closes it.
func (c *cli) withRing(ctx context.Context, readOnly bool, use func(*site, *keyring.Ring) error) error {
	s, err := c.site(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	return s.withRing(ctx, readOnly, func(ring *keyring.Ring) error { return use(s, ring) })
}

func (s *site) withRing(ctx context.Context, readOnly bool, use func(*keyring.Ring) error) error {
	ring, err := s.load(ctx, readOnly)
	if err != nil {
		return err
	}
	defer ring.Close()
	return use(ring)
}

// await waits for a KEK that opens the keystore. That none did is told by what the command does next.
func (s *site) await(ctx context.Context, o *keyring.Options) {
	reader := *o
	reader.ReadOnly = true
	if ring, err := keyring.Load(ctx, s.store, s.keks, &reader); err == nil {
		ring.Close()
	}
}

// fetch reads the keystore without a KEK. What it says is remembered only if a pin proves that it is the operator's, or
// the operator says so.
func (s *site) fetch(ctx context.Context) (*keystore.Contents, error) {
	o, err := s.options(ctx)
	if err != nil {
		return nil, err
	}
	c, digest, err := keystore.Fetch(ctx, s.store, expect(o))
	if err != nil {
		return nil, s.explainLost(err, o.Seen)
	}
	if o.Identity != nil || s.cli.acceptRollback != 0 {
		s.remember(ctx, keystore.Seen{ID: c.ID, Identity: c.Identity.Public, Epoch: c.Epoch, Generation: c.Generation, Digest: digest})
	}
	return c, nil
}

// pin writes the identity into the config.
func (s *site) pin(identity ed25519.PublicKey) error {
	if err := config.SetIdentity(s.config.File, identity); err != nil {
		return fmt.Errorf("the keystore is written, but its identity could not be pinned: %w\n  next: put identity = %q into the keystore block of %s",
			err, keystore.FormatPin(identity), s.config.File)
	}
	return nil
}
