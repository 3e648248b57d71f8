package gcpserver

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
)

// A ciphertext is what protobuf would make of a message with two fields: which key and version it is, 36 bytes, and what
// AES-GCM made, nonce first. Google's begin with the same bytes 0x0a 0x24.
const (
	whoField  = 1
	dataField = 2
)

// who returns the marker of a version.
func (k *key) who(number int) []byte {
	digest := sha256.Sum256([]byte(k.name))
	return binary.BigEndian.AppendUint32(digest[:], uint32(number))
}

func (k *key) seal(number int, plaintext, aad []byte) []byte {
	who, aead := k.who(number), k.versions[number-1].material
	nonce := make([]byte, aead.NonceSize())
	rand.Read(nonce) // never fails
	out := protowire.AppendTag(nil, whoField, protowire.BytesType)
	out = protowire.AppendBytes(out, who)
	out = protowire.AppendTag(out, dataField, protowire.BytesType)
	return protowire.AppendBytes(out, aead.Seal(nonce, nonce, plaintext, append(who, aad...)))
}

var (
	errWrongKey = status.Error(codes.InvalidArgument, "Decryption failed: verify that 'name' refers to the correct CryptoKey.")
	errInvalid  = status.Error(codes.InvalidArgument, "Decryption failed: the ciphertext is invalid.")
)

// open returns the plaintext, or the number of the version that would be needed and why it is not to be had.
func (k *key) open(ciphertext, aad []byte) (plaintext []byte, number int, err error) {
	who, data, ok := parse(ciphertext)
	if !ok {
		return nil, 0, errInvalid
	}
	number = int(binary.BigEndian.Uint32(who[32:]))
	if number < 1 || number > len(k.versions) || string(who) != string(k.who(number)) {
		return nil, 0, errWrongKey
	}
	if err := k.usable(number); err != nil {
		return nil, number, err
	}
	aead := k.versions[number-1].material
	if len(data) < aead.NonceSize() {
		return nil, number, errInvalid
	}
	plaintext, err = aead.Open(nil, data[:aead.NonceSize()], data[aead.NonceSize():], append(who, aad...))
	if err != nil {
		return nil, number, errInvalid
	}
	return plaintext, number, nil
}

// parse takes a ciphertext in its one spelling apart.
func parse(ciphertext []byte) (who, data []byte, ok bool) {
	fields := [2][]byte{}
	for i, want := range []protowire.Number{whoField, dataField} {
		number, kind, n := protowire.ConsumeTag(ciphertext)
		if n < 0 || number != want || kind != protowire.BytesType {
			return nil, nil, false
		}
		value, m := protowire.ConsumeBytes(ciphertext[n:])
		if m < 0 {
			return nil, nil, false
		}
		fields[i], ciphertext = append([]byte(nil), value...), ciphertext[n+m:]
	}
	return fields[0], fields[1], len(ciphertext) == 0 && len(fields[0]) == 36
}
