package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/sealwax/sealwax/cmd/keyring/internal/config"
	"github.com/sealwax/sealwax/internal/durable"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/local"
)

// The files that init --dev makes.
const (
	devKey      = "kek.key"
	devKeystore = "keystore.jsonl"
)

// initDev makes dir with a key file, a keystore and a config. The config is written last: a folder that has one is
// complete.
func (c *cli) initDev(ctx context.Context, dir string) (*initialized, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	for _, name := range []string{config.DefaultFile, devKey, devKeystore} {
		if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s exists already: nothing was changed", filepath.Join(dir, name))
		}
	}
	key := filepath.Join(dir, devKey)
	if err := local.GenerateKeyFile(key); err != nil {
		return nil, err
	}
	report, err := c.initIn(ctx, dir)
	if report == nil {
		os.Remove(key) // it wraps nothing
	}
	return report, err
}

func (c *cli) initIn(ctx context.Context, dir string) (*initialized, error) {
	file := filepath.Join(dir, config.DefaultFile)
	conf := devConfig(file)
	conf.Keystore.Path = filepath.Join(dir, devKeystore)
	s, err := c.siteOf(ctx, conf)
	if err != nil {
		return nil, err
	}
	defer s.close()
	report, err := s.create(ctx)
	if err != nil {
		return nil, err
	}
	written := devConfig(file)
	written.Keystore.Identity = report.identity
	return report, durable.CreateFile(file, config.Format(written), 0o600)
}

// devConfig returns the config as it is written: with paths relative to the file. Lease and clock skew are short, so that a
// key can be destroyed 11 s after its retirement.
func devConfig(file string) *config.Config {
	return &config.Config{
		File: file, Cluster: "dev", Region: "global",
		Keystore: config.Keystore{Path: devKeystore, Lease: 10 * time.Second, ClockSkew: time.Second},
		KEKs: []config.KEK{{
			Provider: local.Provider, Name: "local", Active: true, File: file,
			Settings: []wrappers.Setting{{Name: "key_file", Value: devKey, File: file}},
		}},
	}
}
