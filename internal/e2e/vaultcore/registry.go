package vaultcore

import "github.com/hashicorp/vault/sdk/helper/consts"

// registry is the list of plugins that the core was built with: none. Transit, the only engine that it can mount, it is
// given by name, and all that Vault's own list brings would double what has to be compiled.
type registry struct{}

func (registry) Contains(string, consts.PluginType) bool { return false }

func (registry) Get(string, consts.PluginType) (func() (any, error), bool) { return nil, false }

func (registry) Keys(consts.PluginType) []string { return nil }

func (registry) DeprecationStatus(string, consts.PluginType) (consts.DeprecationStatus, bool) {
	return consts.Unknown, false
}
