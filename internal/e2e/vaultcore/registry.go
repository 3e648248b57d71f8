package vaultcore

import (
	"github.com/hashicorp/vault/sdk/helper/consts"
)

// registry is the list of plugins that the core was built with. There are none: the only engine that it can mount, Transit,
// is linked in, and everything else that Vault ships would make the build ten times as long.
type registry struct{}

func (registry) Contains(string, consts.PluginType) bool { return false }

func (registry) Get(string, consts.PluginType) (func() (any, error), bool) { return nil, false }

func (registry) Keys(consts.PluginType) []string { return nil }

func (registry) DeprecationStatus(string, consts.PluginType) (consts.DeprecationStatus, bool) {
	return consts.Unknown, false
}
