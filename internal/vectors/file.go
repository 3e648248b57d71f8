package vectors

import (
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"strings"
)

// A file is a keystore in parts. The zero signer is the identity of the header.
type file struct {
	header object
	keys   []object
	signer ed25519.PrivateKey
	label  string
}

// Identities: alice follows bob follows carol. Mallory belongs to nobody.
var (
	alice   = identity("alice")
	bob     = identity("bob")
	carol   = identity("carol")
	mallory = identity("mallory")
)

func identity(name string) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(derive("identity "+name, ed25519.SeedSize))
}

func publicOf(k ed25519.PrivateKey) []byte { return k.Public().(ed25519.PublicKey) }

// pin returns an identity as operators write it.
func pin(k ed25519.PrivateKey) string { return base64.StdEncoding.EncodeToString(publicOf(k)) }

// plain is the keystore that most vectors differ from in one place: generation 3 with a retired and an active key.
func plain() *file {
	return &file{header: header(), keys: []object{retired(), active()}, signer: alice, label: "sealwax/v1 keystore"}
}

func header() object {
	return object{
		{"format", `"sealwax/keystore/v1"`},
		{"id", uuid(1)},
		{"cluster", `"prod"`},
		{"region", `"eu"`},
		{"epoch", "1"},
		{"generation", "3"},
		{"history", generations(3, 1)},
		{"written", `"2026-11-22T10:00:00Z"`},
		{"lease", "300"},
		{"root", uuid(2)},
		{"identity", identityOf(alice).String()},
		{"handover", "null"},
		{"groups", list(group())},
		{"stanzas", list(stanza())},
		{"owed", "[]"},
	}
}

func identityOf(k ed25519.PrivateKey) object {
	return object{{"public", base64Of(publicOf(k))}, {"seed", binary("seed", 72)}}
}

func handover(previous, next ed25519.PrivateKey, keystore string) object {
	message := append([]byte("sealwax/v1 handover\x00"), uuidBytes(keystore)...)
	message = append(append(message, publicOf(previous)...), publicOf(next)...)
	return object{{"previous", base64Of(publicOf(previous))}, {"signature", base64Of(ed25519.Sign(previous, message))}}
}

func uuidBytes(quoted string) []byte {
	var b []byte
	if _, err := fmt.Sscanf(strings.ReplaceAll(strings.Trim(quoted, `"`), "-", ""), "%x", &b); err != nil {
		panic(err)
	}
	return b
}

func group() object {
	return object{{"name", `"any"`}, {"threshold", "1"}, {"split", "null"}}
}

// officers is a group of which two must come together.
func officers() object {
	return object{{"name", `"officers"`}, {"threshold", "2"}, {"split", uuid(3)}}
}

func stanza() object {
	return object{
		{"kek", `"transit.vault-1"`},
		{"provider", `"transit"`},
		{"key_id", `"transit/keyring"`},
		{"key_version", `"4"`},
		{"group", `"any"`},
		{"split", "null"},
		{"share", "0"},
		{"scheme", `"vault-transit/1"`},
		{"wrapped", binary("wrapped", 160)},
	}
}

// share is the stanza of an officer.
func share(n int) object {
	return stanza().
		with("kek", fmt.Sprintf(`"hpke.officer-%d"`, n)).with("provider", `"hpke"`).
		with("key_id", `""`).with("key_version", `""`).
		with("group", `"officers"`).with("split", uuid(3)).with("share", fmt.Sprint(n)).
		with("scheme", `"hpke/1"`).with("wrapped", binary(fmt.Sprint("share ", n), 160))
}

func owed() object {
	return object{{"kek", `"awskms"`}, {"provider", `"awskms"`}, {"group", `"any"`}, {"since", `"2026-11-22T10:00:00Z"`}}
}

// bytes returns the file, signed.
func (f *file) bytes() []byte {
	var b strings.Builder
	b.WriteString(f.header.String() + "\n")
	for _, k := range f.keys {
		b.WriteString(k.String() + "\n")
	}
	return sign([]byte(b.String()), f.signer, f.label)
}

// sign appends the last line.
func sign(before []byte, signer ed25519.PrivateKey, label string) []byte {
	digest := sha512.Sum512(before)
	signature := ed25519.Sign(signer, append([]byte(label+"\x00"), digest[:]...))
	return append(before, object{{"signature", base64Of(signature)}}.String()+"\n"...)
}

// Identity returns the key pair that signs the plain file, for tests that change a file and sign it anew.
func Identity() ed25519.PrivateKey { return alice }

// Pin returns the public half of Identity as a file has it.
func Pin() string { return pin(alice) }
