// Package keyring seals and opens data with keys that are kept in a keystore, whose root is wrapped by key-encryption
// keys (KEKs) of the operator's choice: a KMS, a Vault, a key file, a passphrase, an offline recovery key.
//
// [Create] makes a keystore, [Load] opens one, and both return a [Ring]:
//
//	ring, err := keyring.Load(ctx, store, keks, &keyring.Options{Cluster: "prod", Region: "emea", Identity: pin})
//	msg, err := ring.Seal(nil, plaintext, keyring.Bind("variable", "emea", "default", "app/db"))
//
// # Who holds what
//
// A KEK wraps one thing only, the root: 32 random bytes; or a share of it, in a group of which several open the
// keystore together (Options.Groups). The root seals the data-encryption keys and the seed of the keystore's identity,
// whose signature covers the whole file. So a start costs one call to a KEK, however many keys there are; an open ring
// seals, opens and rotates without any; and moving to another KMS rewrites stanzas, not data.
//
// # What is checked
//
// Load uses nothing of a keystore before it is known to be whole, signed by its identity, of the caller's cluster and
// region, and not older than what the caller has seen. The signature proves that its writer held the root. Only the
// pin, Options.Identity, proves that it is the operator's keystore and not a planted one, since who may encrypt under
// a KEK can wrap a root of their own.
//
// # Following
//
// A ring looks at its store every 30 s, and soon after a message names a key that it does not hold, so that the rotation of
// one process reaches the others. A rotation is written and read back before its key is used.
//
// # The life of a key
//
// A key is prepublished, active, retired and at last destroyed, and goes forward only; exactly one is active, which
// seals. It may also be marked compromised: then it seals and signs nothing more. [Ring.Rotate] does in one step what
// [Ring.Prepublish] and [Ring.Activate] do in two, and [Ring.Maintain] does them in time. With several readers
// ([Options].Readers) a key is known before it seals. [Ring.Destroy] wants a count that found no message, from package
// census, after package rekey has moved them.
//
// # Signing
//
// Keys can have signing keys beside what seals ([Options].Signing), which live and rotate with them: [Ring.Signer] is a
// crypto.Signer, [Ring.VerificationKeys] are their public halves. Package token mints and verifies tokens with them,
// package discovery publishes them.
//
// # When the KMS is down
//
// An open ring needs no KEK, but to follow another process's new root. A start asks once, or waits: [Options].Wait. A KEK
// that is down when the root is wrapped is owed a stanza, which [Ring.Rewrap] pays, or a ring that is running:
// [Options].PayInterval.
//
// # Limits
//
// A message is at most 64 GiB less 32 bytes, and held in memory. A key of the default suite, XAES-256-GCM, seals at
// most 2^45 messages and 2^52 bytes, see [Limits] and [Ring.Wear]. A keystore file is at most 16 MiB, some 20,000 keys.
package keyring
