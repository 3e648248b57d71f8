package main

import (
	"cmp"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/cmd/keyring/internal/config"
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
		report := s.status(contents)
		if *asJSON {
			return c.printJSON(report)
		}
		return c.printStatus(report)
	}
	return cmd
}

func (s *site) status(contents *keystore.Contents) *status {
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
	}
	if active := contents.Active(); active != nil {
		report.Active = &active.ID
	}
	report.warn(s)
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

// warn adds what an operator should act on.
func (r *status) warn(s *site) {
	add := func(format string, args ...any) { r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...)) }
	if !r.Keystore.Pinned {
		add("no identity is pinned: compare it with what 'keyring init' printed, then put identity = %q into the keystore block of %s",
			r.Keystore.Identity, s.config.File)
	} else if pin := keystore.FormatPin(s.config.Keystore.Identity); pin != r.Keystore.Identity {
		add("the pinned identity has handed over: compare the new one with what 'keyring rotate --new-root' printed, then put identity = %q into the keystore block of %s",
			r.Keystore.Identity, s.config.File)
	}
	for _, k := range r.KEKs {
		switch {
		case k.Owed && k.Active:
			add("%s is owed a stanza since %s: run 'keyring rewrap' when it answers", k.ID, k.OwedSince.Format(time.RFC3339))
		case k.Owed && !k.Stanza:
			add("%s is owed a stanza, and is inactive or not in the config: run 'keyring rewrap' to write the debt off", k.ID)
		case k.Configured && k.Active && !k.Stanza:
			add("%s has no stanza and cannot open the keystore: run 'keyring rewrap'", k.ID)
		case !k.Configured:
			add("%s can open the keystore but is not configured: run 'keyring rewrap' to drop it", k.ID)
		case k.Group != k.wanted:
			add("%s is in the group %s, and in the group %s of the config: run 'keyring rewrap'", k.ID, k.Group, k.wanted)
		}
	}
	r.warnGroups(s.groups(), add)
	if r.Active == nil {
		add("no key is active: run 'keyring rotate'")
	}
}

func (c *cli) printStatus(r *status) error {
	w := c.table()
	pinned := "not pinned"
	if r.Keystore.Pinned {
		pinned = "pinned"
	}
	active := "none"
	if r.Active != nil {
		active = r.Active.String()
	}
	fmt.Fprintf(w, "keystore\t%s\n", r.Keystore.Path)
	fmt.Fprintf(w, "id\t%s\n", r.Keystore.ID)
	fmt.Fprintf(w, "cluster\t%s, region %s\n", r.Cluster.ID, r.Cluster.Region)
	fmt.Fprintf(w, "generation\t%d of epoch %d, written %s\n", r.Keystore.Generation, r.Keystore.Epoch, r.Keystore.Written.Format(time.RFC3339))
	fmt.Fprintf(w, "identity\t%s, %s\n", r.Keystore.Identity, pinned)
	fmt.Fprintf(w, "lease\t%s\n", leaseText(time.Duration(r.Keystore.LeaseSeconds)*time.Second))
	fmt.Fprintf(w, "active key\t%s\n", active)
	fmt.Fprintf(w, "keys\t%d\n\n", r.Keys)
	if err := w.Flush(); err != nil {
		return err
	}
	w = c.table()
	fmt.Fprintln(w, "KEK\tPROVIDER\tCONFIGURED\tSTANZA\tOWED\tKEY")
	for _, k := range r.KEKs {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Provider, configured(k), yesNo(k.Stanza), yesNo(k.Owed), keyOf(k))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	c.printGroups(r.Groups)
	for _, warning := range r.Warnings {
		fmt.Fprintf(c.out, "%s %s\n", c.red("warning:"), warning)
	}
	return nil
}

func configured(k statusKEK) string {
	if k.Configured && !k.Active {
		return "inactive"
	}
	return yesNo(k.Configured)
}

// keyOf returns the provider's key and version.
func keyOf(k statusKEK) string {
	if k.KeyVersion == "" {
		return k.KeyID
	}
	return k.KeyID + " version " + k.KeyVersion
}
