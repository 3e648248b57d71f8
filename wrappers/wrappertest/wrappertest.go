// Package wrappertest is the conformance suite of providers: what a wrapping.Wrapper must do to be a key-encryption key
// of a keystore. Each provider of this module passes it, and so should yours:
//
//	func TestConformance(t *testing.T) {
//		wrappertest.Run(t, wrappertest.Harness{New: func(t *testing.T) wrapping.Wrapper { … }})
//	}
//
// It goes through wrappers.KEK, as a keyring does, and takes a few seconds with an engine that can be disturbed. Run it
// with -race too.
package wrappertest

import "testing"

// Run runs every case of the suite as a subtest of t.
func Run(t *testing.T, h Harness) {
	for _, c := range []struct {
		name string
		run  func(*suite)
	}{
		{"round trip", roundTrip},
		{"two wraps differ", twoWrapsDiffer},
		{"empty and too large", emptyAndTooLarge},
		{"other context", otherContext},
		{"wrong key", wrongKey},
		{"other key ID", otherKeyID},
		{"damaged byte", damagedByte},
		{"cut off and longer", cutOffAndLonger},
		{"not a blob", notABlob},
		{"wrap only", wrapOnly},
		{"errors show nothing", errorsShowNothing},
		{"check", check},
		{"64 goroutines", manyGoroutines},
		{"nothing left running", nothingLeftRunning},
		{"silent engine", silentEngine},
		{"denied", denied},
		{"server error", serverError},
		{"throttled", throttled},
		{"connection cut", connectionCut},
		{"wrong account", wrongAccount},
		{"rotation", rotation},
		{"disabled key", disabledKey},
		{"deletion pending", deletionPending},
		{"expired credentials", expiredCredentials},
		{"untrusted certificate", untrustedCertificate},
		{"nothing secret in logs", nothingSecretInLogs},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(&suite{T: t, h: h, name: c.name}) })
	}
}
