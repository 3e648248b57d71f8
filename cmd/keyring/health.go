package main

import (
	"github.com/sealwax/sealwax/cmd/keyring/internal/config"
	"github.com/sealwax/sealwax/cmd/keyring/internal/state"
	"github.com/sealwax/sealwax/wrappers"
)

// health is what the commands before learned about the KEKs, for this one to begin with.
type health struct {
	file  *state.HealthFile // nil if nothing is kept
	found state.Healths
	keks  []*wrappers.KEK // those of the config
}

// recallHealth reads what there is. One KEK alone is asked whatever its health, so nothing is kept of it.
func (c *cli) recallHealth(conf *config.Config) health {
	if len(conf.KEKs) < 2 {
		return health{}
	}
	dir, err := stateDir(conf)
	if err != nil {
		return health{} // which siteOf warns about
	}
	file, err := state.OpenHealth(dir, conf.Keystore.Path)
	if err != nil {
		return health{}
	}
	found, err := file.Load()
	if err != nil {
		c.log.Debug("what is known of the KEKs' health cannot be read: they are asked in the order of the config", "error", err)
	}
	return health{file: file, found: found}
}

// rememberHealth keeps what this command learned when it opened the keystore; what only looks, such as doctor, leaves
// nothing behind. It is advice, so nobody has to know that it could not be kept.
func (s *site) rememberHealth() {
	if s.health.file == nil {
		return
	}
	now := make(state.Healths)
	for _, k := range s.health.keks {
		now[k.ID()] = k.Health()
	}
	if err := s.health.file.Save(s.health.found, now); err != nil {
		s.cli.log.Debug("the KEKs' health cannot be kept: the next command asks in the order of the config", "error", err)
	}
}
