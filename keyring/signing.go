package keyring

// Signing says which signing keys a new key has. Keys that exist already do not get any: rotate.
type Signing struct {
	// Algorithms are names of JOSE: "EdDSA" (Ed25519), "ES256" (P-256), "RS256" (RSA). The first is that of Ring.Signer.
	Algorithms []string

	// RSABits is the size of RSA keys, 2048 or 3072. Zero is 2048.
	RSABits int
}
