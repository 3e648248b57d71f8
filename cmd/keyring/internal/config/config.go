// Package config reads what an operator wrote: keyring.hcl, and the parts of a Nomad agent's config that name keys.
//
// keyring.hcl is HCL 2, literal values only:
//
//	cluster {
//	  id     = "dev"        # required, one DNS label
//	  region = "global"     # required unless a Nomad agent config gives it, one DNS label
//	}
//
//	keystore {
//	  path     = "keystore.jsonl"     # required
//	  identity = "ed25519:…"          # the pin; init writes it
//	  state    = "/var/lib/sealwax"   # folder for what was last seen
//	  lease      = "5m"               # how long anybody seals who cannot read the keystore; init writes it into that
//	  clock_skew = "1m"               # the default: how far apart the clocks of those may be who share it, 1s to 1h
//	  readers    = 1                  # the default: how many processes have it open, at most 1000
//	}
//
//	keyring "aead" {        # any number of them, Nomad's spelling
//	  name   = "local"      # optional; the KEK's ID is then aead.local, else aead
//	  active = true         # the default; an inactive KEK may open an existing stanza and never gets one
//	  group  = "officers"   # optional; one that a group block declares. Without it the KEK opens the keystore alone
//	  timeout          = "10s"   # how long one call may take, 100ms to 10m; the default, for a person 5m
//	  calls_per_minute = 600     # the default; retries count too
//	  # everything else belongs to the provider
//	  key_file = "kek.key"
//	}
//
//	group "officers" {      # any number of them
//	  threshold = 2         # required: how many of its KEKs open the keystore together
//	}
//
//	unwrap {                # optional
//	  order       = "config"   # the default: the order of this file; or "fastest"
//	  hedge_delay = "1s"       # the default: how long a KEK is waited for before the next is asked as well, 1ms to 1m
//	}
//
//	rotation {              # optional: keys are then replaced by `keyring maintain`
//	  period     = "720h"   # how long a key seals, 1s to 87600h; without it for ever
//	  prepublish = "24h"    # how long before that its successor is known, less than the period; the default is a thirtieth of it
//	  messages   = 1000000  # how many messages a key seals at most; the default is what its suite allows
//	  bytes      = 1000000000000   # how many bytes
//	}
//
//	signing {               # optional: new keys then sign too
//	  algorithms = ["EdDSA", "RS256"]   # required: of EdDSA, ES256 and RS256; the first is the one that signs
//	  rsa_bits   = 2048                 # the default; or 3072
//	  issuer     = "https://id.example.com"   # who tokens and discovery documents say has signed them
//	  token_lifetime = "24h"            # the default: how long a token lives at most, 1s to 8760h
//	}
//
//	source "app" {          # any number of them: where sealed messages lie
//	  type = "dir"          # required: "dir" or "jsonl"
//	  path = "/var/lib/app" # required: the folder, or the file
//	  read_only = true      # a backup: its messages are counted, and never sealed anew
//	}
//
// Relative paths are relative to the file. An unknown block or attribute, a second one, a missing one and a wrong type
// are errors that name file, line and attribute, and Load reports all of them at once. What a provider's settings mean
// is not looked at here: they go to the provider as they are.
//
// From a Nomad agent config, HCL 1 or JSON, come the region and the keyring blocks; see nomad.go for where they differ.
package config

import (
	"crypto/ed25519"
	"path/filepath"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/wrappers"
)

// Config is what keyring.hcl and the Nomad agent configs beside it say together.
type Config struct {
	File     string // as Load was given it
	Cluster  string
	Region   string
	Keystore Keystore
	Unwrap   Unwrap
	Rotation keyring.Rotation
	Signing  Signing
	Sources  []Source // in the order of the file
	Groups   []Group  // in the order of the file; each has KEKs
	KEKs     []KEK    // at least one; in the order of the file, those of Nomad agent configs last, sorted by ID
}

// Keystore says where the keystore is and who it must be. Paths are absolute, or relative to the working directory.
type Keystore struct {
	Path     string
	Identity ed25519.PublicKey // the pin; nil when there is none
	State    string            // folder for what was last seen; "" is the user's or the service's own

	Lease     time.Duration // whole seconds; 0 is what the keystore says, and the default for a new one
	ClockSkew time.Duration // 0 is the default
	Readers   int           // 0 is the default
}

// KEK is one configured key-encryption key: where it is, and the provider's settings for it, not yet looked at.
type KEK struct {
	Provider string
	Name     string // may be empty
	Group    string // may be empty
	Active   bool

	Timeout        time.Duration // 0 is the default
	CallsPerMinute int           // 0 is the default

	Settings []wrappers.Setting // in the order of the file
	File     string
	Line     int
}

// ID returns "provider" or "provider.name", as in Nomad.
func (k *KEK) ID() string {
	if k.Name == "" {
		return k.Provider
	}
	return k.Provider + "." + k.Name
}

// Load reads the config in path, and after it the Nomad agent configs in nomad, in their order. The error joins all
// that is wrong with any of them, a line for each.
func Load(path string, nomad ...string) (*Config, error) {
	p := &problems{}
	c := &Config{File: path}
	clusterRegion := readConfig(c, path, p)
	n := readNomad(nomad, p)
	c.KEKs = append(c.KEKs, n.keks...)
	c.Region = oneRegion(clusterRegion, n.region, p)
	checkIDs(c, p)
	checkGroups(c, p)
	checkSources(c, p)
	if err := p.err(); err != nil {
		return nil, err
	}
	return c, nil
}

// readConfig fills c from path and returns its region, which a Nomad agent config may have to supply.
func readConfig(c *Config, path string, p *problems) region {
	src, err := readFile(path)
	if err != nil {
		p.read(path, err)
		return region{unread: true}
	}
	return decode(c, parseHCL(path, src, p), p)
}

// checkIDs reports KEKs that share an ID, and a config without any KEK.
func checkIDs(c *Config, p *problems) {
	seen := make(map[string]*KEK)
	for i := range c.KEKs {
		k := &c.KEKs[i]
		first := seen[k.ID()]
		if first == nil {
			seen[k.ID()] = k
		} else if k.Provider != "" { // else its label was refused
			p.at(k.File, k.Line, "a second key-encryption key %s; the first is at %s; give one of them another name",
				k.ID(), position(first.File, first.Line))
		}
	}
	if len(c.KEKs) == 0 && p.none() {
		p.at(c.File, 0, "no keyring block: nothing says which key-encryption key opens the keystore")
	}
}

// beside returns path as it is meant in file: relative to file's folder.
func beside(file, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(file), path)
}
