package keyring

import "time"

// Now returns the time of the clock that the ring writes into the keystore, Options.Clock, in whole seconds: what a census
// compares with the times of keys.
func (r *Ring) Now() time.Time { return r.opts.now() }
