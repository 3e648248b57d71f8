package main

import (
	"cmp"
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/cmd/keyring/internal/config"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// status is what keyring status reports. The names are API.
type status struct {
	Keystore statusKeystore `json:"keystore"`
	Cluster  statusCluster  `json:"cluster"`
	KEKs     []statusKEK    `json:"keks"`
	Active   *keystore.ID   `json:"active"`
	Keys     int            `json:"keys"`
	Groups   []statusGroup  `json:"groups"`
	Warnings []string       `json:"warnings"`

	Rotation *statusRotation `json:"rotation"`

	states []int // how many keys are in each state
}

type statusKeystore struct {
	ID         keystore.ID `json:"id"`
	Path       string      `json:"path"`
	Epoch      uint64      `json:"epoch"`
	Generation uint64      `json:"generation"`
	Written    time.Time   `json:"written"`
	Identity   string      `json:"identity"`
	Pinned     bool        `json:"pinned"`

	LeaseSeconds int64 `json:"lease_seconds"` // 0 is none
}

type statusCluster struct {
	ID     string `json:"id"`
	Region string `json:"region"`
}

type statusKEK struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Provider   string     `json:"provider"`
	Configured bool       `json:"configured"`
	Active     bool       `json:"active"`
	Stanza     bool       `json:"stanza"`
	Owed       bool       `json:"owed"`
	OwedSince  *time.Time `json:"owed_since,omitempty"`
	KeyID      string     `json:"key_id"` // the provider's name for the key that made the stanza
	KeyVersion string     `json:"key_version"`
	Group      string     `json:"group"` // in the keystore, or else in the config

	wanted string // the group in the config
}

func (c *cli) statusCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show the keystore, its KEKs and what is owed; calls no KEK",
		Example: `  keyring status
  keyring status --json | jq '.keks[] | select(.owed)'`,
		Args: cobra.NoArgs,
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s, err := c.site(cmd.Context())
		if err != nil {
			return c.fail(*asJSON, err)
		}
		defer s.close()
		contents, err := s.fetch(cmd.Context())
		if err != nil {
			return c.fail(*asJSON, err)
		}
		report := s.status(cmd.Context(), contents)
		if *asJSON {
			return c.printJSON(report)
		}
		return c.printStatus(report)
	}
	return cmd
}

func (s *site) status(ctx context.Context, contents *keystore.Contents) *status {
	worn, wearErr := keyring.ReadWear(ctx, s.wear(), contents.ID)
	report := &status{
		Keystore: statusKeystore{
			ID: contents.ID, Path: s.store.Path(), Epoch: contents.Epoch, Generation: contents.Generation, Written: contents.Written,
			Identity: keystore.FormatPin(contents.Identity.Public), Pinned: s.config.Keystore.Identity != nil,
			LeaseSeconds: int64(contents.Lease / time.Second),
		},
		Cluster:  statusCluster{contents.Cluster, contents.Region},
		KEKs:     statusKEKs(s.config.KEKs, contents),
		Groups:   statusGroups(contents),
		Keys:     len(contents.Keys),
		Warnings: append([]string{}, s.warnings...),
		Rotation: s.rotation(contents, worn, time.Now()),
		states:   make([]int, keystore.Destroyed+1),
	}
	for _, k := range contents.Keys {
		report.states[k.State]++
	}
	if active := contents.Active(); active != nil {
		report.Active = &active.ID
	}
	if late := report.Rotation.warning(); late != "" {
		report.Warnings = append([]string{late}, report.Warnings...) // nothing is as urgent
	}
	if wearErr != nil {
		report.add("how much keys have sealed is not known: %v; the file may be removed, and the count begins anew", wearErr)
	}
	report.warn(s, contents)
	return report
}

// statusKEKs returns the configured KEKs in the order of the config, then those that only the keystore knows.
func statusKEKs(configured []config.KEK, contents *keystore.Contents) []statusKEK {
	keks := make([]statusKEK, 0, len(configured))
	at := make(map[string]int)
	for _, k := range configured {
		at[k.ID()] = len(keks)
		group := cmp.Or(k.Group, defaultGroup)
		keks = append(keks, statusKEK{ID: k.ID(), Name: k.Name, Provider: k.Provider, Group: group, Configured: true, Active: k.Active, wanted: group})
	}
	find := func(id, provider string) *statusKEK {
		if _, ok := at[id]; !ok {
			at[id] = len(keks)
			keks = append(keks, statusKEK{ID: id, Name: nameIn(id, provider), Provider: provider})
		}
		return &keks[at[id]]
	}
	for _, st := range contents.Stanzas {
		k := find(st.KEK, st.Provider)
		k.Stanza, k.Group, k.KeyID, k.KeyVersion = true, st.Group, st.KeyID, st.KeyVersion
	}
	for _, o := range contents.Owed {
		k := find(o.KEK, o.Provider)
		k.Owed, k.OwedSince, k.Group = true, &o.Since, cmp.Or(k.Group, o.Group)
	}
	return keks
}

// nameIn returns NAME of "provider.NAME".
func nameIn(id, provider string) string {
	if len(id) <= len(provider) {
		return ""
	}
	return id[len(provider)+1:]
}
