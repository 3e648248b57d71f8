package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/sealwax/sealwax/cmd/keyring/internal/config"
	"github.com/sealwax/sealwax/cmd/keyring/internal/doctor"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// examine reads the keystore and asks every KEK. It writes nothing.
func (s *site) examine(ctx context.Context, e *examination) *doctor.Report {
	o, stateErr := s.options(ctx)
	return doctor.Examine(ctx, &doctor.Case{
		File: s.config.File, Flags: s.cli.configFlags(), Warnings: s.warnings, KEKs: s.patients(), Groups: s.groups(), Sources: s.examinedSources(),
		Keystore: s.readUnseen(ctx, o), State: s.remembered(o, stateErr),
		Change: e.change, Ask: e.ask || s.cli.out.terminal, Timeout: s.cli.timeout,
		Verify: func(ctx context.Context, keks []*wrappers.KEK) (*keyring.Report, error) {
			return keyring.Verify(ctx, s.store, keks, o)
		},
		Now: time.Now, Resolver: net.DefaultResolver, Proxy: http.ProxyFromEnvironment, Getenv: os.Getenv,
	})
}

// readUnseen is fetch without remembering, and takes what it finds for a finding.
func (s *site) readUnseen(ctx context.Context, o *keyring.Options) doctor.Keystore {
	k := doctor.Keystore{Path: s.store.Path(), Previous: s.store.PreviousPath(), Pin: s.config.Keystore.Identity}
	contents, _, err := keystore.Fetch(ctx, s.store, expect(o))
	if err != nil {
		k.Err = s.explainLost(err, o.Seen)
	}
	if errors.Is(k.Err, keystore.ErrNotFound) && !errors.Is(k.Err, errLost) {
		k.Err = nil // none was made yet
	}
	if k.Err != nil {
		k.Next = stepAfter(k.Err)
		return k
	}
	k.Contents = contents
	if contents == nil {
		return k
	}
	worn, err := keyring.ReadWear(ctx, s.wear(), contents.ID)
	k.WearErr = err
	k.Rotation, k.Schedule = s.config.Rotation, s.rotation(contents, worn, time.Now()).schedule
	return k
}

func (s *site) examinedSources() (sources []doctor.Source) {
	for _, one := range s.config.Sources {
		sources = append(sources, doctor.Source{Name: one.Name, Type: one.Type, Path: one.Path})
	}
	return sources
}

// remembered returns what the command knows of the keystore from before.
func (s *site) remembered(o *keyring.Options, err error) doctor.State {
	state := doctor.State{Seen: o.Seen, Err: err}
	if s.seen == nil {
		state.Err = s.unseen
	} else {
		state.Path = s.seen.Path()
	}
	return state
}

// patients returns the KEKs with the files that the config names for them.
func (s *site) patients() []doctor.Patient {
	patients := make([]doctor.Patient, len(s.keks))
	for i, k := range s.keks {
		patients[i] = doctor.Patient{KEK: k, Files: secretFiles(&s.config.KEKs[i])}
	}
	return patients
}

// secretPaths are settings of all providers that name a file with something secret. Others are secrets themselves, which a
// block may take from a file.
var secretPaths = []string{"key_file", "passphrase_file", "tls_client_key", "shared_creds_filename", "web_identity_token_file", "credentials"}

// secretFiles returns the files with something secret that a block names.
func secretFiles(c *config.KEK) (files []string) {
	settings := wrappers.NewSettings(c.ID(), c.Settings)
	for _, item := range c.Settings {
		text, _ := item.Value.(string)
		if !strings.HasPrefix(text, "file://") && !slices.Contains(secretPaths, item.Name) {
			continue
		}
		if file := settings.File(item.Name); file != "" {
			files = append(files, file)
		}
	}
	return files
}
